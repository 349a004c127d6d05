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
