import { readdirSync } from "node:fs";

/**
 * Throws unless this process stands in a network namespace that `test/run` made for it: a host daemon with a Pod
 * network must not touch the machine's own. Such a namespace holds the loopback and what tests put there.
 */
export function requirePrivateNetwork(part: string): void {
  if (process.env.PACIFIC_TEST_NETWORK === "private") return;
  const interfaces = readdirSync("/sys/class/net").join(", ");
  throw new Error(
    `This test wants a network namespace of its own, found ${interfaces}: run it by ./test/run ${part}`,
  );
}

/**
 * Runs this very command once more in a network namespace of its own, with nothing but the loopback up, and ends with
 * its exit code; returns at once where it runs in one already.
 */
export function enterPrivateNetwork(): void {
  if (process.env.PACIFIC_TEST_NETWORK === "private") return;
  const script = 'ip link set lo up && exec "$@"';
  const child = Bun.spawnSync(["unshare", "--net", "sh", "-c", script, "sh", ...process.argv], {
    env: { ...process.env, PACIFIC_TEST_NETWORK: "private" },
    stdio: ["inherit", "inherit", "inherit"],
  });
  process.exit(child.exitCode);
}
