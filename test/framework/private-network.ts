import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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

const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs this very command once more in a network namespace of its own, with nothing but the loopback up, and ends with
 * its exit code; returns at once where it runs in one already. Whatever ends either of them, a signal too, all
 * processes of the run end with it, machines as well, and its temporary files are removed: it has namespaces of its own
 * for processes and mounts, and a folder.
 */
export async function enterPrivateNetwork(): Promise<void> {
  if (process.env.PACIFIC_TEST_NETWORK === "private") return;
  const folder = mkdtempSync(join(tmpdir(), "pacific-run-"));
  // The shell is the namespace's first process, which reaps what others leave; it must not become the program.
  const script = 'ip link set lo up && "$@"; exit $?';
  const apart = [
    "unshare",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "sh",
    "-c",
    script,
    "sh",
  ];
  const child = Bun.spawn(["setpriv", "--pdeathsig", "KILL", ...apart, ...process.argv], {
    env: { ...process.env, TMPDIR: folder, PACIFIC_TEST_NETWORK: "private" },
    stdio: ["inherit", "inherit", "inherit"],
  });
  for (const name of endSignals) process.on(name, () => child.kill("SIGKILL"));
  const code = await child.exited;
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
