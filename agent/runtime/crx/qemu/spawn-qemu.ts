import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { type ProcessIdentity, processIdentity } from "../../../../supervisor/base/process-identity.ts";

export interface SpawnRequest {
  readonly command: string;
  readonly args: readonly string[];
  /** The working directory; standard output and error are appended to `qemu.log` in it. */
  readonly directory: string;
  /** Name for the scope where systemd keeps the process. */
  readonly unitName: string;
  /** What systemd is to set for that scope, as `MemoryMax=1073741824`. */
  readonly unitProperties?: readonly string[];
  /** Inherited as descriptors 3, 4, …; whatever comes of the request, they are closed in this process. */
  readonly descriptors?: readonly number[];
}

export interface SpawnedProcess {
  readonly identity: ProcessIdentity;
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
}

export type SpawnProcess = (request: SpawnRequest) => Promise<SpawnedProcess>;

export const qemuLogName = "qemu.log";

/**
 * Starts a process that outlives this one: in its own session, with files as its streams. Where systemd is in charge,
 * in a scope of its own below `pacific-pods.slice`, so that stopping the daemon's service does not touch it.
 */
export const spawnDetached: SpawnProcess = (request) =>
  new Promise((resolve, reject) => {
    const [command, ...args] = managedBySystemd()
      ? scopeCommand(request)
      : [request.command, ...request.args];
    const { descriptors = [] } = request;
    let child: ChildProcess;
    try {
      child = spawnWithLog(request, command, args);
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor);
    }
    const exited = new Promise<void>((done) => child.once("exit", () => done()));
    child.once("error", reject);
    child.once("spawn", () => {
      child.unref();
      const pid = child.pid ?? 0;
      // A process that has ended at once has no start time any more; "" matches no process.
      resolve({ identity: processIdentity(pid) ?? { pid, startTime: "" }, exited });
    });
  });

function spawnWithLog(request: SpawnRequest, command: string, args: readonly string[]): ChildProcess {
  const { directory, descriptors = [] } = request;
  const log = openSync(`${directory}/${qemuLogName}`, "a", 0o600);
  try {
    return spawn(command, args, {
      cwd: directory,
      detached: true,
      stdio: ["ignore", log, log, ...descriptors],
    });
  } finally {
    closeSync(log);
  }
}

/** Whether systemd runs this box, and for us. */
export function managedBySystemd(): boolean {
  return existsSync("/run/systemd/system") && process.getuid?.() === 0;
}

/** `systemd-run --scope` becomes the command by exec, so the process id stays (systemd-run(1)). */
export function scopeCommand(request: SpawnRequest): [string, ...string[]] {
  return [
    "systemd-run",
    "--scope",
    "--quiet",
    "--collect",
    "--slice=pacific-pods.slice",
    `--unit=${request.unitName}`,
    ...(request.unitProperties ?? []).map((property) => `--property=${property}`),
    "--",
    request.command,
    ...request.args,
  ];
}
