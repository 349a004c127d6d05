import { asError } from "../../base/errors.ts";
import type { Logger } from "../../base/logging.ts";
import type { BackendEvent, WatchHandle, WatchRoute, WatchSink } from "../backend.ts";
import { Audience, type WatchGroup } from "./audience.ts";
import { EventRing } from "./event-ring.ts";
import { PrefixIndex } from "./prefix-index.ts";

/** A part of the kept past: the events with a prefix up to `revision`, which may lie before the newest one. */
export interface HistoryPage {
  readonly events: readonly BackendEvent[];
  readonly revision: number;
}

export interface WatchHubOptions {
  /** The store's newest revision. */
  readonly revision: number;
  /** Reads on after a revision; throws CompactedError where the history is no longer kept. */
  readonly readHistory: (prefix: string, afterRevision: number) => HistoryPage;
  readonly logger: Logger;
  /** How much text of recent events is kept in memory for watches that begin a little in the past. */
  readonly recentChars?: number;
}

interface Watcher {
  readonly prefix: string;
  readonly route: WatchRoute | undefined;
  readonly sink: WatchSink;
  /** The sink has had every event up to here; a live watcher's may lag behind where nothing matched. */
  position: number;
  state: "replaying" | "live" | "ended";
}

const defaultRecentChars = 4 * 1024 * 1024;

/**
 * Sends committed events to watches. A watch that begins in the past is fed from the recent events or from the
 * history, a page each turn of the event loop, and joins the live ones in the turn in which it has caught up: nothing
 * can be committed in between, so it has neither gap nor double. Watches of one prefix and route share one list of
 * events.
 */
export class WatchHub {
  readonly #readHistory: WatchHubOptions["readHistory"];
  readonly #logger: Logger;
  readonly #recent: EventRing;
  readonly #audiences = new PrefixIndex<Audience<Watcher>>();
  readonly #watchers = new Set<Watcher>();
  #revision: number;
  /** Up to here every live watch has had its events: behind `#revision` while a commit is being sent. */
  #sent: number;

  constructor(options: WatchHubOptions) {
    this.#readHistory = options.readHistory;
    this.#logger = options.logger;
    this.#revision = options.revision;
    this.#sent = options.revision;
    this.#recent = new EventRing(options.revision, options.recentChars ?? defaultRecentChars);
  }

  /** Sends the events of one commit; `events` holds one for every revision since the last call. */
  publish(events: readonly BackendEvent[], revision: number): void {
    this.#revision = revision;
    const touched: Array<WatchGroup<Watcher>> = [];
    for (const event of events) {
      this.#recent.push(event);
      const add = (group: WatchGroup<Watcher>): void => {
        if (group.pending.length === 0) touched.push(group);
        group.pending.push(event);
      };
      this.#audiences.match(event.current.key, (audience) => audience.match(event, add));
    }
    for (const group of touched) {
      const { pending } = group;
      group.pending = [];
      for (const watcher of group.watchers) {
        // One that a sink has just added begins after this commit.
        if (watcher.position < revision) this.#send(watcher, pending, revision);
      }
    }
    this.#sent = revision;
  }

  /** Begins a watch; `afterRevision` must not lie in the future or before the kept history. */
  watch(prefix: string, afterRevision: number, sink: WatchSink, route?: WatchRoute): WatchHandle {
    const watcher: Watcher = { prefix, route, sink, position: afterRevision, state: "replaying" };
    this.#watchers.add(watcher);
    if (afterRevision === this.#revision) this.#join(watcher);
    else setImmediate(() => this.#replay(watcher));
    return {
      revision: () => (watcher.state === "live" ? Math.max(watcher.position, this.#sent) : watcher.position),
      stop: () => this.#remove(watcher),
    };
  }

  /** Ends every watch with this error. */
  close(error: Error): void {
    for (const watcher of [...this.#watchers]) this.#end(watcher, error);
  }

  #replay(watcher: Watcher): void {
    if (watcher.state !== "replaying") return;
    let page: HistoryPage;
    try {
      page = this.#readPast(watcher);
    } catch (error) {
      this.#end(watcher, asError(error));
      return;
    }
    if (page.revision === this.#revision) this.#join(watcher);
    else setImmediate(() => this.#replay(watcher));
    if (page.events.length > 0) this.#send(watcher, page.events, page.revision);
    else watcher.position = page.revision;
  }

  #readPast(watcher: Watcher): HistoryPage {
    if (!this.#recent.covers(watcher.position)) return this.#readHistory(watcher.prefix, watcher.position);
    const events = this.#recent.after(watcher.position);
    return {
      events: events.filter((event) => event.current.key.startsWith(watcher.prefix)),
      revision: this.#revision,
    };
  }

  #join(watcher: Watcher): void {
    watcher.state = "live";
    const { prefix, route } = watcher;
    const audience = this.#audiences.get(prefix) ?? new Audience<Watcher>();
    this.#audiences.set(prefix, audience);
    audience.add(watcher, route);
  }

  #send(watcher: Watcher, events: readonly BackendEvent[], revision: number): void {
    watcher.position = revision;
    try {
      watcher.sink.events(events, revision);
    } catch (error) {
      const cause = asError(error);
      this.#logger.error("Watch ended because its receiver failed", { prefix: watcher.prefix, error: cause });
      this.#end(watcher, cause);
    }
  }

  #end(watcher: Watcher, error: Error): void {
    if (watcher.state === "ended") return;
    this.#remove(watcher);
    try {
      watcher.sink.end(error);
    } catch (thrown) {
      this.#logger.error("Receiver of an ended watch failed", {
        prefix: watcher.prefix,
        error: String(thrown),
      });
    }
  }

  #remove(watcher: Watcher): void {
    watcher.state = "ended";
    this.#watchers.delete(watcher);
    const audience = this.#audiences.get(watcher.prefix);
    audience?.delete(watcher, watcher.route);
    if (audience?.isEmpty) this.#audiences.delete(watcher.prefix);
  }
}
