/** One watch's answer: a stream of lines that ends with its time, its client or a fault. */

import type { ApiError } from "../../apimachinery/errors.ts";
import type { Series } from "../../base/metrics/metrics-registry.ts";
import {
  type BackendEvent,
  WatchClosedError,
  type WatchHandle,
  type WatchSink,
} from "../../storage/backend.ts";
import { toApiError } from "../storage/storage-errors.ts";
import type { WatchEvents } from "./watch-events.ts";

/** A client this far behind is cut off: it can come back and go on from where it was. */
const maxBufferedBytes = 4 * 1024 * 1024;

export interface WatchStreamOptions {
  readonly events: WatchEvents;
  /** The text of a bookmark's object at a revision. */
  readonly bookmark: (revision: number, endsInitialEvents: boolean) => string;
  /** Counts the events that are sent. */
  readonly sent: Series;
  readonly wantsBookmarks: boolean;
  /** Called once when the stream is over, for whatever reason. */
  readonly onClose: () => void;
}

export class WatchStream implements WatchSink {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: WatchStreamOptions;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #handle: WatchHandle | undefined;
  /** The last revision that the client was told. */
  #told = 0;

  constructor(options: WatchStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.close(),
      },
      { highWaterMark: maxBufferedBytes, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  get closed(): boolean {
    return this.#controller === undefined;
  }

  /** Begins to follow; `start` may throw what a watch of the store throws, which becomes an ERROR event. */
  follow(revision: number, start: (sink: WatchSink) => WatchHandle): void {
    this.#told = revision;
    if (this.closed) return;
    try {
      this.#handle = start(this);
      if (this.closed) this.#handle.stop();
    } catch (error) {
      this.fail(toApiError(error));
    }
  }

  send(line: Uint8Array): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    controller.enqueue(line);
    if ((controller.desiredSize ?? 0) <= 0) this.close();
  }

  events(events: readonly BackendEvent[]): void {
    for (const event of events) {
      const line = this.#options.events.line(event);
      if (line === undefined) continue;
      this.send(line);
      this.#options.sent.add(1);
      this.#told = event.current.modRevision;
    }
  }

  end(error: Error): void {
    if (error instanceof WatchClosedError) this.close();
    else this.fail(toApiError(error));
  }

  /** Tells the client how far the watch has come, if that is news to it. */
  bookmark(): void {
    const revision = this.#handle?.revision() ?? 0;
    if (this.#options.wantsBookmarks && revision > this.#told) this.#sendBookmark(revision, false);
  }

  endInitialEvents(revision: number): void {
    this.#sendBookmark(revision, true);
  }

  #sendBookmark(revision: number, endsInitialEvents: boolean): void {
    this.#told = revision;
    this.send(this.#options.events.frame("BOOKMARK", this.#options.bookmark(revision, endsInitialEvents)));
  }

  fail(error: ApiError): void {
    this.send(this.#options.events.frame("ERROR", JSON.stringify(error.status)));
    this.close();
  }

  close(): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    this.#controller = undefined;
    this.#handle?.stop();
    this.#options.onClose();
    try {
      controller.close();
    } catch {
      // Cancelled by its reader: there is nothing to close.
    }
  }
}
