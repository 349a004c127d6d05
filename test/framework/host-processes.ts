/** What runs on this machine for a host, looked for from outside. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { JailUsers } from "../../agent/runtime/crx/jail/jail-users.ts";
import { nameOption } from "../../agent/runtime/crx/qemu/command-line.ts";

export interface HostProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** All processes but the daemon: those that name a path in the host's folder, and those of its machines' users. */
export function processesOf(hostFolder: string): HostProcess[] {
  const users = new JailUsers(hostFolder);
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const { uid } = statSync(`/proc/${pid}`);
        const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
        const isOurs = users.includes(uid) || args.some((argument) => argument.includes(`${hostFolder}/`));
        return isOurs && args.length > 0 ? [{ pid: Number(pid), args }] : [];
      } catch {
        return []; // It ended between the listing and the look at it.
      }
    });
}

/** The folder's name of a machine's sandbox; undefined for what is no machine. */
export function sandboxOf({ args }: HostProcess): string | undefined {
  const at = args.indexOf(nameOption);
  return at < 0 ? undefined : basename(args[at + 1] ?? "");
}

/** Whose machine it is, as its sandbox's record says; undefined where there is none, as for a template. */
export function podOf(hostFolder: string, sandbox: string): string | undefined {
  try {
    const record = readFileSync(join(hostFolder, "sandboxes", sandbox, "sandbox.json"), "utf8");
    return JSON.parse(record).config?.metadata?.uid;
  } catch {
    return undefined;
  }
}

/** The machines that Pods have: spare ones and templates do not count. */
export function podMachinesOf(hostFolder: string): HostProcess[] {
  return processesOf(hostFolder).filter((process) => {
    const sandbox = sandboxOf(process);
    return sandbox !== undefined && podOf(hostFolder, sandbox) !== undefined;
  });
}
