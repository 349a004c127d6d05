import { SerialQueue } from "../../../../supervisor/base/serial-queue.ts";
import { extraMemory, setMemory } from "../growth.ts";
import type { QmpClient } from "../qemu/qmp-client.ts";
import type { MemoryRoom } from "./memory-room.ts";

/** What a guest wishes: bytes that it wants beyond what it has, or that it can do without. */
export interface MemoryWish {
  readonly moreBytes?: number;
  readonly lessBytes?: number;
}

export interface MachineMemoryOptions {
  readonly qmp: QmpClient;
  /** What the machine began with. */
  readonly startBytes: number;
  /** What its Pod's limits ask for, which may be more by now. */
  readonly leastBytes: number;
  /** Of that what cannot be taken away: its template's. */
  readonly templateBytes: number;
  /** What its guest may have by asking for it. */
  readonly maxBytes: number;
  /** What its device for memory can hold, with the template's. */
  readonly roomBytes: number;
  readonly room: MemoryRoom;
  /** Sets what the machine's process may use on the host, for a guest of that size. */
  limit(memoryBytes: number): Promise<void>;
  now(): number;
  wait(ms: number): Promise<void>;
}

/** How long a guest may take to use what it got, or to give back what it can. */
const settleMs = 10_000;
/** A guest gets more so often at most. */
const pauseMs = 200;
/** Less than a block is no help. */
const leastGrantBytes = 64 << 20;

/** How much memory a machine has while it runs: at least what its Pod's limits are, more as its guest needs it. */
export class MachineMemory {
  readonly #options: MachineMemoryOptions;
  readonly #changes = new SerialQueue();
  #leastBytes: number;
  #notBeforeMs = 0;

  constructor(options: MachineMemoryOptions) {
    this.#options = options;
    this.#leastBytes = options.leastBytes;
  }

  /** Does for the guest what can be done. What it says is a wish: it is bounded, and slowed down. */
  wish({ moreBytes = 0, lessBytes = 0 }: MemoryWish): Promise<void> {
    return this.#changes.run(async () => {
      const { maxBytes, room, now, wait } = this.#options;
      const presentBytes = await this.#present();
      if (moreBytes > 0) {
        await wait(Math.max(0, this.#notBeforeMs - now()));
        this.#notBeforeMs = now() + pauseMs;
        // Never more than twice of what it has: who needs much asks often.
        const wanted = Math.min(presentBytes + Math.min(moreBytes, presentBytes), maxBytes) - presentBytes;
        const granted = wanted < leastGrantBytes ? 0 : room.take(wanted);
        if (granted >= leastGrantBytes) await this.#set(presentBytes + granted);
      } else if (lessBytes > 0) {
        await this.#set(Math.max(presentBytes - lessBytes, this.#leastBytes));
      }
    });
  }

  /** What the Pod's limits ask for now; what came beyond the machine's start goes when it is less. */
  atLeast(bytes: number): Promise<void> {
    return this.#changes.run(async () => {
      const { startBytes, roomBytes } = this.#options;
      const before = this.#leastBytes;
      this.#leastBytes = Math.min(Math.max(bytes, startBytes), roomBytes);
      const presentBytes = await this.#present();
      if (presentBytes < this.#leastBytes || presentBytes <= before) await this.#set(this.#leastBytes);
      else await this.#options.limit(presentBytes);
    });
  }

  async #present(): Promise<number> {
    const { qmp, templateBytes } = this.#options;
    return templateBytes + (await extraMemory(qmp));
  }

  async #set(bytes: number): Promise<void> {
    const { qmp, templateBytes, roomBytes, limit } = this.#options;
    const presentBytes = await this.#present();
    if (bytes === presentBytes) return await limit(bytes);
    if (bytes > presentBytes) await limit(bytes);
    const signal = AbortSignal.timeout(settleMs);
    try {
      await setMemory(qmp, bytes - templateBytes, roomBytes - templateBytes, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    await limit(await this.#present());
  }
}
