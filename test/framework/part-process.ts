import { closeSync, openSync } from "node:fs";
import type { Part } from "./parts.ts";

const partTimeoutMs = 45 * 60_000;
const longPartTimeoutMs = 5 * 3_600_000;
/** Namespaces of processes and mounts: what runs in them ends with their first process. */
const isolation = ["--pid", "--fork", "--kill-child", "--mount-proc"];
let canIsolate: boolean | undefined;

export interface PartProcess {
  readonly exited: Promise<number>;
  /** Ends the part with everything that it started. */
  stop(): void;
}

/**
 * Starts a part's command. Where this user may, it gets process and mount namespaces of its own, so that nothing
 * outlives it; a part with a private network gets that too, or fails.
 */
export function startPart(
  part: Pick<Part, "privateNetwork" | "long">,
  command: readonly string[],
  root: string,
  log: string,
): PartProcess {
  const output = openSync(log, "w"); // one for both, or each would write over the other's
  const run = Bun.spawn([...inNamespaces(part.privateNetwork), ...command], {
    cwd: root,
    env: { ...process.env, ...(part.privateNetwork ? { PACIFIC_TEST_NETWORK: "private" } : {}) },
    stdin: "ignore",
    stdout: output,
    stderr: output,
    timeout: part.long ? longPartTimeoutMs : partTimeoutMs,
    killSignal: "SIGKILL",
  });
  closeSync(output);
  return { exited: run.exited, stop: () => run.kill("SIGKILL") };
}

/** The beginning of a command line that runs in namespaces of its own. */
function inNamespaces(privateNetwork: boolean): readonly string[] {
  canIsolate ??= Bun.spawnSync(["unshare", ...isolation, "true"]).exitCode === 0;
  if (!canIsolate && !privateNetwork) return [];
  const script = [
    ...(canIsolate ? ["mkdir -p /run/netns && mount -t tmpfs none /run/netns"] : []),
    ...(privateNetwork ? ["ip link set lo up"] : []),
    '"$@"',
  ].join(" && ");
  const flags = [...(canIsolate ? isolation : []), ...(privateNetwork ? ["--net"] : [])];
  // The shell stays as the first process: it reaps what lost its parent, so that the dead are seen to be dead.
  return ["unshare", ...flags, "sh", "-c", `${script}; exit $?`, "sh"];
}
