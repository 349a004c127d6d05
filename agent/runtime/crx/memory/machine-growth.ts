import { clockSleep } from "../../../../supervisor/base/clock.ts";
import { SerialQueue } from "../../../../supervisor/base/serial-queue.ts";
import type { PodSandboxUpdate } from "../../runtime.ts";
import { unitName } from "../boot-machine.ts";
import { plugProcessors } from "../growth.ts";
import type { MemoryWished } from "../guest/memory-wish.ts";
import { type MachineLimits, machineLimits } from "../jail/machine-limits.ts";
import type { Machine } from "../machine.ts";
import type { RuntimeContext } from "../runtime-context.ts";
import type { SandboxRecord } from "../sandbox-record.ts";
import { MachineMemory } from "./machine-memory.ts";

/** How a machine grows while it runs. One that an earlier version booted without room for it does not. */
export class MachineGrowth {
  readonly #context: RuntimeContext;
  readonly #machine: Machine;
  readonly #warn: (message: string, error: unknown) => void;
  readonly #memory: MachineMemory | undefined;
  readonly #hasRoom: boolean;
  readonly #plugging = new SerialQueue();
  #cpuCount: number;
  #cpuWeight: number;
  #hasProcessors = false;
  /** Of its process, once they were changed. */
  #limits: MachineLimits | undefined;

  constructor(
    context: RuntimeContext,
    record: SandboxRecord,
    machine: Machine,
    warn: (message: string, error: unknown) => void,
  ) {
    const { id, config, growth } = record;
    this.#context = context;
    this.#machine = machine;
    this.#warn = warn;
    this.#hasRoom = growth !== undefined;
    this.#cpuCount = record.size?.cpuCount ?? config.cpuCount;
    this.#cpuWeight = record.size?.cpuWeight ?? config.cpuWeight;
    if (!growth) return;
    const startBytes = Math.max(config.memoryBytes, growth.templateBytes);
    this.#memory = new MachineMemory({
      ...growth,
      qmp: machine.qmp,
      startBytes,
      leastBytes: Math.max(startBytes, record.size?.memoryBytes ?? 0),
      maxBytes: Math.min(config.maxMemoryBytes ?? startBytes, growth.roomBytes),
      room: context.room,
      limit: (bytes) => this.#limit(id, machineLimits(bytes, this.#cpuWeight, growth.accelerator)),
      now: () => context.clock.steady(),
      wait: (ms) => clockSleep(context.clock, ms),
    });
  }

  /**
   * With its first container the machine gets the processors that it started without, as each takes half a second to
   * come under TCG. The containers do not wait.
   */
  started(): void {
    if (!this.#hasProcessors) this.#plugProcessors().catch((error: unknown) => this.#failed(error));
    this.#hasProcessors = true;
  }

  /** Does what can be done for a guest that wishes for more memory, or for less, and tells it so. */
  async wished({ wish, acknowledge }: MemoryWished): Promise<void> {
    try {
      await this.#memory?.wish(wish);
      acknowledge();
    } catch (error) {
      // The guest asks again when the machine is taken over.
      this.#failed(error);
    }
  }

  /** Gives the machine what its Pod's limits are now. */
  async update({ cpuCount, cpuWeight, memoryBytes }: PodSandboxUpdate): Promise<void> {
    this.#cpuCount = Math.max(cpuCount, this.#cpuCount);
    this.#cpuWeight = cpuWeight;
    await this.#memory?.atLeast(memoryBytes);
    // Their time is bounded by the control groups already.
    if (this.#hasProcessors) this.#plugProcessors().catch((error: unknown) => this.#failed(error));
  }

  async #limit(id: string, to: MachineLimits): Promise<void> {
    const from = this.#limits ?? { ...to, memoryBytes: 0 };
    await this.#context.cgroups.change(id, { unitName: unitName(id), from, to });
    this.#limits = to;
  }

  /** One after another: who asks QEMU for the same processor twice loses the machine. */
  async #plugProcessors(): Promise<void> {
    if (!this.#hasRoom) return;
    await this.#plugging.run(() => plugProcessors(this.#machine.qmp, this.#cpuCount));
  }

  #failed(error: unknown): void {
    if (!this.#machine.isReleased) this.#warn("A sandbox's machine is smaller than it should be", error);
  }
}
