import type { Backend, BackendEvent, WatchHandle, WatchSink } from "../backend.ts";

/** Opens a driver's store for one test: the same one again as often as `reopen` is called, removed in the end. */
export interface StoreUnderTest {
  readonly backend: Backend;
  /** Closes the store and opens it again. */
  reopen(): Promise<Backend>;
  remove(): Promise<void>;
}

/** What a watch was sent, with a way to wait for more. */
export class RecordingSink implements WatchSink {
  readonly received: BackendEvent[] = [];
  /** The revision given with each call. */
  readonly revisions: number[] = [];
  ended: Error | undefined;
  #wake: () => void = () => undefined;

  events(events: readonly BackendEvent[], revision: number): void {
    this.received.push(...events);
    this.revisions.push(revision);
    this.#wake();
  }

  end(error: Error): void {
    this.ended = error;
    this.#wake();
  }

  /** The events in short, as `put a=1@2` and `delete a=1@3`. */
  get texts(): string[] {
    return this.received.map(
      ({ type, current }) => `${type} ${current.key}=${current.value}@${current.modRevision}`,
    );
  }

  /** Resolves when the condition holds; throws after five seconds. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 5000;
    while (!condition()) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`Watch did not get there, it received ${JSON.stringify(this.texts)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** Resolves when the watch has reached the store's newest revision. */
export async function caughtUp(backend: Backend, handle: WatchHandle): Promise<void> {
  const target = backend.currentRevision();
  const deadline = performance.now() + 5000;
  while (handle.revision() < target) {
    if (performance.now() > deadline) throw new Error(`Watch is at ${handle.revision()}, not at ${target}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
