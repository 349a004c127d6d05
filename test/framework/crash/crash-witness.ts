import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { podOf, processesOf, sandboxOf } from "../host-processes.ts";

const lookIntervalMs = 100;

/** Looks all the time for what must never be true, not even for a moment, and remembers it. */
export class CrashWitness {
  readonly #hostFolder: string;
  readonly #list: () => Promise<readonly V1Pod[]>;
  readonly #faults = new Set<string>();
  readonly #restarts = new Map<string, number>();
  readonly #ended = new Map<string, string>();
  /** Whose sandbox is: known on when its record is gone, as that of a machine that was forgotten. */
  readonly #owners = new Map<string, string>();

  constructor(hostFolder: string, list: () => Promise<readonly V1Pod[]>) {
    this.#hostFolder = hostFolder;
    this.#list = list;
  }

  /** What was seen, in words. */
  get faults(): readonly string[] {
    return [...this.#faults];
  }

  /** Looks until the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#lookAtMachines();
      for (const pod of await this.#list()) this.#lookAtPod(pod);
      await Bun.sleep(lookIntervalMs);
    }
  }

  /** A Pod never has two machines. */
  #lookAtMachines(): void {
    const machines = processesOf(this.#hostFolder).flatMap((process) => {
      const sandbox = sandboxOf(process);
      const uid = sandbox && this.#ownerOf(sandbox);
      return uid ? [{ uid, pid: process.pid, sandbox }] : [];
    });
    for (const [uid, all = []] of Object.entries(Object.groupBy(machines, (machine) => machine.uid))) {
      const list = all.map(({ pid, sandbox }) => `${pid} of sandbox ${sandbox}`);
      if (list.length > 1) this.#faults.add(`Pod ${uid} has the machines ${list.join(" and ")}`);
    }
  }

  #ownerOf(sandbox: string): string | undefined {
    const owner = this.#owners.get(sandbox) ?? podOf(this.#hostFolder, sandbox);
    if (owner) this.#owners.set(sandbox, owner);
    return owner;
  }

  /** No count goes back, no Pod comes back from its end, and no exit code changes. */
  #lookAtPod({ metadata, status }: V1Pod): void {
    const { name, uid } = metadata ?? {};
    for (const container of [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
    ]) {
      const key = `${name} ${uid} ${container.name}`;
      const before = this.#restarts.get(key) ?? 0;
      const { restartCount } = container;
      if (restartCount < before)
        this.#faults.add(`${key} was restarted ${before} and then ${restartCount} times`);
      this.#restarts.set(key, Math.max(before, restartCount));
    }
    const end = ["Succeeded", "Failed"].includes(status?.phase ?? "") ? endOf(status) : undefined;
    const before = this.#ended.get(`${uid}`);
    if (before !== undefined && before !== end)
      this.#faults.add(`${name} ended as ${before} and is ${end ?? status?.phase} now`);
    if (end !== undefined) this.#ended.set(`${uid}`, end);
  }
}

function endOf(status: V1Pod["status"]): string {
  const codes = status?.containerStatuses?.map(({ state }) => state?.terminated?.exitCode);
  return `${status?.phase} ${codes}`;
}
