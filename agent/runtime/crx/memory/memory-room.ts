import { readFileSync } from "node:fs";
import type { Clock } from "../../../../supervisor/base/clock.ts";

/** Kept free for the box: more than where evictions begin, which would end the Pods that grow. */
const keptFreeBytes = 256 << 20;
/** How long what was given may not have been used yet, and so still looks free. */
const settlingMs = 10_000;

/** What the box has left for machines that ask for more. Two that ask at once do not get the same. */
export class MemoryRoom {
  readonly #clock: Clock;
  readonly #availableBytes: () => number;
  #given: Array<{ readonly atMs: number; readonly bytes: number }> = [];

  /** `availableBytes` is what the box could give without want. */
  constructor(clock: Clock, availableBytes: () => number = availableMemory) {
    this.#clock = clock;
    this.#availableBytes = availableBytes;
  }

  /** Takes up to so many bytes; 0 where nothing is left. */
  take(bytes: number): number {
    const nowMs = this.#clock.steady();
    this.#given = this.#given.filter(({ atMs }) => nowMs - atMs < settlingMs);
    const spoken = this.#given.reduce((sum, given) => sum + given.bytes, 0);
    const taken = Math.max(0, Math.min(bytes, this.#availableBytes() - keptFreeBytes - spoken));
    this.#given.push({ atMs: nowMs, bytes: taken });
    return taken;
  }
}

function availableMemory(): number {
  const [, kibibytes = "0"] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}
