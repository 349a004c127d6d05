/** Events go an hour after they were last written, as upstream by etcd's leases. */

import type { CoreV1Event } from "../../api/generated/types.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logging.ts";
import { storagePrefixOf } from "../../registry/storage-prefix.ts";
import {
  type Backend,
  type BackendEvent,
  KeyNotFoundError,
  type KeyValue,
  RevisionConflictError,
  type WatchHandle,
} from "../../storage/backend.ts";
import { pagesOf } from "../../storage/pages-of.ts";

const prefix = storagePrefixOf("", "events");
const lifetimeMs = 60 * 60 * 1000;

interface Expiry {
  readonly modRevision: number;
  readonly atMs: number;
}

/** When a stored event was last of interest, by its own times. */
function lastSeenMs({ value }: KeyValue): number {
  // Only events are stored under this prefix.
  const { series, lastTimestamp, eventTime, firstTimestamp, metadata } = JSON.parse(value) as CoreV1Event;
  const times = [
    series?.lastObservedTime,
    lastTimestamp,
    eventTime,
    firstTimestamp,
    metadata?.creationTimestamp,
  ];
  const known = times.map((time) => Date.parse(time ?? "")).filter((time) => !Number.isNaN(time));
  return Math.max(0, ...known);
}

export class EventExpiry {
  readonly #backend: Backend;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** In the order in which they expire: every write puts its event at the end. */
  readonly #expiries = new Map<string, Expiry>();
  #watch: WatchHandle | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(backend: Backend, clock: Clock, logger: Logger) {
    this.#backend = backend;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Reads what is stored and follows it until {@link stop}. */
  async start(): Promise<void> {
    const found: Array<readonly [string, Expiry]> = [];
    let revision = 0;
    for await (const page of pagesOf(this.#backend, prefix, "snapshot")) {
      revision = page.revision;
      for (const item of page.items) {
        found.push([item.key, { modRevision: item.modRevision, atMs: lastSeenMs(item) + lifetimeMs }]);
      }
    }
    for (const [key, expiry] of found.sort(([, left], [, right]) => left.atMs - right.atMs)) {
      this.#expiries.set(key, expiry);
    }
    this.#watch = this.#backend.watch(prefix, revision, {
      events: (events) => this.#follow(events),
      end: (error) => this.#logger.warn("The watch of events for their expiry ended", { error }),
    });
    this.#schedule();
  }

  stop(): void {
    this.#watch?.stop();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #follow(events: readonly BackendEvent[]): void {
    for (const { type, current } of events) {
      this.#expiries.delete(current.key);
      if (type === "delete") continue;
      const atMs = this.#clock.now() + lifetimeMs;
      this.#expiries.set(current.key, { modRevision: current.modRevision, atMs });
    }
    if (this.#cancelTimer === undefined) this.#schedule();
  }

  /** One timer, for the first to go. */
  #schedule(): void {
    this.#cancelTimer = undefined;
    const [first] = this.#expiries.values();
    if (first === undefined) return;
    const delayMs = Math.max(0, first.atMs - this.#clock.now());
    this.#cancelTimer = this.#clock.after(delayMs, () => void this.#expire());
  }

  async #expire(): Promise<void> {
    const nowMs = this.#clock.now();
    const due: Array<readonly [string, Expiry]> = [];
    for (const entry of this.#expiries) {
      if (entry[1].atMs > nowMs) break;
      due.push(entry);
    }
    for (const [key] of due) this.#expiries.delete(key);
    await Promise.all(due.map(([key, { modRevision }]) => this.#remove(key, modRevision)));
    this.#schedule();
  }

  async #remove(key: string, modRevision: number): Promise<void> {
    try {
      await this.#backend.delete(key, modRevision);
    } catch (error) {
      // Gone already, or written anew and so given another hour.
      if (error instanceof KeyNotFoundError || error instanceof RevisionConflictError) return;
      this.#logger.warn("An event could not be removed", { key, error: new Error(String(error)) });
    }
  }
}
