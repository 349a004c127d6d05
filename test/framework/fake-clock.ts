import type { Clock } from "../../supervisor/base/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #nowMs: number;
  #jumpedMs = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = Date.parse("2026-01-31T12:00:00Z")) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs + this.#jumpedMs;
  }

  steady(): number {
    return this.#nowMs;
  }

  /** Sets the clock to another time, as somebody may set a host's; timers go on as if nothing had happened. */
  jump(deltaMs: number): void {
    this.#jumpedMs += deltaMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves the time on and calls what falls due on the way, each at its own time and in order. */
  async advance(deltaMs: number): Promise<void> {
    await flush();
    const endMs = this.#nowMs + deltaMs;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!next || next.dueMs > endMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
      await flush();
    }
    this.#nowMs = endMs;
    await flush();
  }
}

/** Lets promises that can settle now do so, those of in-process requests and their bodies too. */
async function flush(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
