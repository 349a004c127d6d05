import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, clockSleep } from "../../../../supervisor/base/clock.ts";
import { messageOf } from "../../../../supervisor/base/errors.ts";
import type { MachineLimits } from "./machine-limits.ts";

export interface MachineCgroupsOptions {
  /** Where cgroup v2 is mounted. */
  readonly mount: string;
  /** Tells the groups of this instance from those of others. */
  readonly instance: string;
  readonly isRoot: boolean;
  readonly hasSystemd: boolean;
  readonly clock: Clock;
  /** Told of each operation on a machine's group that there is. */
  readonly measured?: CgroupMeasure;
}

/** In the kubelet's words. */
export type CgroupMeasure = (operation: "create" | "update" | "destroy", seconds: number) => void;

/** How a machine gets into its group: by systemd, which makes it a scope, or by the jailer, which joins it. */
interface Placement {
  readonly unitProperties: readonly string[];
  readonly cgroup?: string;
}

/** A machine's limits that change; `unitName` is its scope's, where systemd is in charge. */
interface LimitChange {
  readonly unitName: string;
  readonly from: MachineLimits;
  readonly to: MachineLimits;
}

const controllers = ["cpu", "memory", "pids"];
const removeAttempts = 100;
const removeIntervalMs = 10;

/** The control groups of one host's machines, one for each: no machine takes the memory or the processors of all. */
export class MachineCgroups {
  readonly #options: MachineCgroupsOptions;
  readonly #folder: string;
  /** Why there are no limits. */
  #obstacle: string | undefined;

  constructor(options: MachineCgroupsOptions) {
    this.#options = options;
    this.#folder = join(options.mount, `pacific-pods-${options.instance}`);
    this.#obstacle = findObstacle(options);
  }

  /** Whether limits hold; if not, the message says why. */
  get areEnforced(): boolean {
    return this.#obstacle === undefined;
  }

  get message(): string {
    return (
      this.#obstacle ?? "Memory, processors and threads of each machine are limited by its control group"
    );
  }

  /** Makes the group that holds the others where systemd does not, and removes groups of machines that are gone. */
  async open(ids: ReadonlySet<string>): Promise<void> {
    if (!this.#isOurs) return;
    try {
      const enable = controllers.map((name) => `+${name}`).join(" ");
      await mkdir(this.#folder, { recursive: true });
      for (const folder of [this.#options.mount, this.#folder]) {
        await writeFile(join(folder, "cgroup.subtree_control"), enable);
      }
      const entries = await readdir(this.#folder, { withFileTypes: true });
      const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      await Promise.all(names.filter((name) => !ids.has(name)).map((name) => this.remove(name)));
    } catch (error) {
      this.#obstacle = `This host's cgroups cannot be used: ${messageOf(error)}`;
    }
  }

  /** Makes a machine's group, for QEMU to be started in. */
  async place(id: string, limits: MachineLimits): Promise<Placement> {
    if (!this.#isOurs) return { unitProperties: this.areEnforced ? scopeProperties(limits) : [] };
    return await this.#measured("create", () => this.#make(id, limits));
  }

  async #make(id: string, limits: MachineLimits): Promise<Placement> {
    const cgroup = join(this.#folder, id);
    await mkdir(cgroup);
    const files = {
      "memory.max": limits.memoryBytes,
      "memory.swap.max": 0,
      "memory.oom.group": 1,
      "cpu.weight": limits.cpuWeight,
      "pids.max": limits.processes,
    };
    for (const [name, value] of Object.entries(files)) {
      // A kernel without swap accounting has no such file.
      if (name !== "memory.swap.max" || existsSync(join(cgroup, name)))
        await writeFile(join(cgroup, name), `${value}`);
    }
    return { unitProperties: [], cgroup };
  }

  /** Changes what a machine may use that was placed with other limits. */
  async change(id: string, change: LimitChange): Promise<void> {
    const { from, to } = change;
    if (!this.areEnforced || (from.memoryBytes === to.memoryBytes && from.cpuWeight === to.cpuWeight)) return;
    await this.#measured("update", () => this.#set(id, change));
  }

  async #set(id: string, { unitName, to }: LimitChange): Promise<void> {
    if (!this.#isOurs) return await setProperties(unitName, scopeProperties(to));
    const cgroup = join(this.#folder, id);
    await writeFile(join(cgroup, "memory.max"), `${to.memoryBytes}`);
    await writeFile(join(cgroup, "cpu.weight"), `${to.cpuWeight}`);
  }

  /** Removes a machine's group; its processes are gone, or about to be. */
  async remove(id: string): Promise<void> {
    if (this.#isOurs) await this.#measured("destroy", () => this.#remove(id));
  }

  async #remove(id: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await rmdir(join(this.#folder, id));
        return;
      } catch (error) {
        const { code } = Object(error);
        if (code === "ENOENT") return;
        if (code !== "EBUSY" || attempt === removeAttempts) throw error;
      }
      await clockSleep(this.#options.clock, removeIntervalMs);
    }
  }

  async #measured<T>(operation: Parameters<CgroupMeasure>[0], work: () => Promise<T>): Promise<T> {
    const { clock, measured } = this.#options;
    const beganMs = clock.steady();
    try {
      return await work();
    } finally {
      measured?.(operation, (clock.steady() - beganMs) / 1000);
    }
  }

  /** Whether groups are folders that we make: systemd makes those of its scopes. */
  get #isOurs(): boolean {
    return this.areEnforced && !this.#options.hasSystemd;
  }
}

function findObstacle({ mount, isRoot }: MachineCgroupsOptions): string | undefined {
  if (!isRoot)
    return "The host does not run as root: a machine is bounded by its own memory and processors only";
  const path = join(mount, "cgroup.controllers");
  const present = existsSync(path) ? readFileSync(path, "utf8").trim().split(" ") : [];
  const lacking = controllers.filter((name) => !present.includes(name));
  if (lacking.length === 0) return undefined;
  const what = present.length === 0 ? "cgroup v2" : `cgroup v2 controllers ${lacking.join(", ")}`;
  return `This host has no ${what}: a machine is bounded by its own memory and processors only`;
}

/** In the words of systemd.resource-control(5). */
function scopeProperties(limits: MachineLimits): string[] {
  return [
    `MemoryMax=${limits.memoryBytes}`,
    "MemorySwapMax=0",
    `CPUWeight=${limits.cpuWeight}`,
    `TasksMax=${limits.processes}`,
  ];
}

async function setProperties(unitName: string, properties: readonly string[]): Promise<void> {
  const command = ["systemctl", "set-property", "--runtime", `${unitName}.scope`, ...properties];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const [said, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(" ")} failed: ${said.trim()}`);
}
