import { readdirSync, readFileSync, statSync } from "node:fs";
import { sleep } from "./signals.ts";

/** A process for all time: its id, which the kernel reuses, and its start in clock ticks since boot, which it does not. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** The identity of a running process, or undefined when there is none. A zombie no longer counts as running. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold anything, so fields count from its end (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTime] = [fields[0], fields[19]];
  return startTime === undefined || state === "Z" || state === "X" ? undefined : { pid, startTime };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return processIdentity(identity.pid)?.startTime === identity.startTime;
}

/** Kills with SIGKILL and waits until the process is gone. Does nothing when the id belongs to another process now. */
export async function killProcess(identity: ProcessIdentity, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (isRunning(identity)) {
    if (Date.now() > deadline) throw new Error(`Process ${identity.pid} did not end on SIGKILL`);
    try {
      process.kill(identity.pid, "SIGKILL");
    } catch {
      // It ended between the look and the kill.
    }
    await sleep(5);
  }
}

/**
 * All running processes of this user, and of users for which `isOwner`, that were started with the given argument
 * followed by one for which `matches`.
 */
export function findProcesses(
  option: string,
  matches: (value: string) => boolean,
  isOwner: (userId: number) => boolean = () => false,
): ProcessIdentity[] {
  const found: ProcessIdentity[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const args = argumentsOf(entry, isOwner);
    const at = args.indexOf(option);
    const identity = at >= 0 && matches(args[at + 1] ?? "") ? processIdentity(Number(entry)) : undefined;
    if (identity) found.push(identity);
  }
  return found;
}

function argumentsOf(pid: string, isOwner: (userId: number) => boolean): string[] {
  try {
    const { uid } = statSync(`/proc/${pid}`);
    if (uid !== process.getuid?.() && !isOwner(uid)) return [];
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
