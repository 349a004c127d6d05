import { rmSync } from "node:fs";
import type { Part } from "./parts.ts";

const partTimeoutMs = 45 * 60_000;
/** The first process of the part's namespaces: all others end with it. It stays a shell, which reaps orphans. */
const firstProcess = `mkdir -p /run/netns && mount -t tmpfs none /run/netns || exit 1
[ "$PACIFIC_TEST_NETWORK" != private ] || ip link set lo up || exit 1
"$@"
exit $?`;

export interface PartProcess {
  readonly exited: Promise<number>;
  /** Ends the part with everything that it started. */
  stop(): void;
}

/**
 * Starts a part's command. Root gives it process and mount namespaces of its own, so that nothing outlives it, and a
 * part with a private network also that.
 */
export function startPart(
  part: Pick<Part, "privateNetwork">,
  command: readonly string[],
  root: string,
  log: string,
): PartProcess {
  rmSync(log, { force: true }); // what is written over a longer file would leave that one's end
  const isRoot = process.getuid?.() === 0;
  const network = part.privateNetwork ? ["--net"] : [];
  const namespaces = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", ...network];
  const run = Bun.spawn(isRoot ? [...namespaces, "sh", "-c", firstProcess, "sh", ...command] : [...command], {
    cwd: root,
    env: { ...process.env, ...(part.privateNetwork ? { PACIFIC_TEST_NETWORK: "private" } : {}) },
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: Bun.file(log),
    timeout: partTimeoutMs,
    killSignal: "SIGKILL",
  });
  return { exited: run.exited, stop: () => run.kill("SIGKILL") };
}
