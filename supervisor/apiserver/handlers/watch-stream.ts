/** One watch's answer: a stream of lines that ends with its time, its client or a fault. */

import type { ApiError } from "../../apimachinery/errors.ts";
import type { LiveSink, LiveSource } from "../../base/http/live-response.ts";
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
/** So much of what can wait is sent ahead of the reader. */
const pacedBytes = 256 * 1024;

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

export class WatchStream implements WatchSink, LiveSource {
  readonly #options: WatchStreamOptions;
  /** What was sent before somebody read. */
  readonly #early: Uint8Array[] = [];
  readonly #attached = Promise.withResolvers<void>();
  #earlyBytes = 0;
  #reader: LiveSink | undefined;
  #closed = false;
  #handle: WatchHandle | undefined;
  /** The last revision that the client was told. */
  #told = 0;

  constructor(options: WatchStreamOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  attach(reader: LiveSink): void {
    this.#reader = reader;
    for (const line of this.#early.splice(0)) reader.write(line);
    if (this.#closed) reader.end();
    this.#attached.resolve();
  }

  cancel(): void {
    this.close();
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
    if (this.#closed) return;
    if (this.#waiting(line) > maxBufferedBytes) this.close();
  }

  /** Sends a line at the reader's pace: what can wait, as the state at the beginning. */
  sendPaced(line: Uint8Array): Promise<void> | undefined {
    if (this.#closed || this.#waiting(line) <= pacedBytes) return undefined;
    return this.#attached.promise.then(() => this.#reader?.drained());
  }

  /** Sends a line; how many bytes wait for the reader then. */
  #waiting(line: Uint8Array): number {
    if (this.#reader !== undefined) return this.#reader.write(line);
    this.#early.push(line);
    this.#earlyBytes += line.byteLength;
    return this.#earlyBytes;
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
    if (this.#closed) return;
    this.#closed = true;
    this.#handle?.stop();
    this.#options.onClose();
    this.#attached.resolve();
    this.#reader?.end();
  }
}
