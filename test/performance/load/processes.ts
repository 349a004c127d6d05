import { readFileSync } from "node:fs";

/** What a process has used since its start, as /proc tells. */
export interface ProcessUse {
  readonly rssMiB: number;
  /** Of it memory of its own; the rest is pages of files, such as its program, which others may share. */
  readonly anonymousMiB: number;
  readonly cpuSeconds: number;
}

/** Ticks of /proc/PID/stat in a second (`getconf CLK_TCK`), 100 on every Linux platform that we run on. */
const ticksPerSecond = 100;

/** Undefined when there is no such process. */
export function processUse(pid: number): ProcessUse | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in brackets and may hold anything; user and system time are 12th and 13th after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const mebibytes = (name: string): number =>
      Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
    const [rssMiB, anonymousMiB] = [mebibytes("VmRSS"), mebibytes("RssAnon")];
    return { rssMiB, anonymousMiB, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond };
  } catch {
    return undefined;
  }
}

/** CPU seconds that everything on the machine has used since its boot. */
export function machineCpuSeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = (
    readFileSync("/proc/stat", "utf8").split("\n")[0] ?? ""
  )
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + irq + softIrq) / ticksPerSecond;
}

/** What named processes, this one and the rest of the machine use from its making on. */
export class ProcessMeter {
  readonly #pids: ReadonlyMap<string, number>;
  readonly #start: ReadonlyMap<string, number>;
  readonly #clientStart = process.cpuUsage();
  readonly #machineStart = machineCpuSeconds();
  readonly #startMs = performance.now();

  constructor(pids: ReadonlyMap<string, number>) {
    this.#pids = pids;
    this.#start = new Map([...pids].map(([name, pid]) => [name, processUse(pid)?.cpuSeconds ?? 0]));
  }

  /** CPU milliseconds since the meter was made, by name; those that are gone are left out. */
  cpuMs(): Map<string, number> {
    const used = new Map<string, number>();
    for (const [name, pid] of this.#pids) {
      const now = processUse(pid);
      if (now !== undefined) used.set(name, (now.cpuSeconds - (this.#start.get(name) ?? 0)) * 1000);
    }
    return used;
  }

  /** CPU milliseconds of this process. */
  clientCpuMs(): number {
    const { user, system } = process.cpuUsage(this.#clientStart);
    return (user + system) / 1000;
  }

  /** How many cores others kept busy: with more than a tenth or so the figures are theirs too. */
  otherCores(): number {
    const elapsedMs = performance.now() - this.#startMs;
    const oursMs = this.clientCpuMs() + [...this.cpuMs().values()].reduce((sum, ms) => sum + ms, 0);
    return Math.max(0, ((machineCpuSeconds() - this.#machineStart) * 1000 - oursMs) / elapsedMs);
  }

  rssMiB(): Map<string, number> {
    const held = new Map<string, number>();
    for (const [name, pid] of this.#pids) {
      const now = processUse(pid);
      if (now !== undefined) held.set(name, now.rssMiB);
    }
    return held;
  }
}
