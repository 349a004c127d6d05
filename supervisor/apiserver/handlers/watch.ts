import { liveResponse } from "../../base/http/live-response.ts";
import { apiVersionOf } from "../../registry/resource-definition.ts";
import type { WatchSink } from "../../storage/backend.ts";
import { protobufMediaType } from "../negotiation/output-format.ts";
import type { ResourceContext } from "../request-context.ts";
import { responseHeaders } from "../response/api-response.ts";
import { toApiError } from "../storage/storage-errors.ts";
import { type ListOptions, listOptions, parseResourceVersion } from "./list-options.ts";
import { ListPages } from "./list-pages.ts";
import { nextTurn } from "./next-turn.ts";
import { Selection } from "./selection.ts";
import { WatchEvents } from "./watch-events.ts";
import { WatchStream } from "./watch-stream.ts";

/** A watch without a time-out of its own ends after this long to twice this long, as upstream. */
const minTimeoutMs = 30 * 60 * 1000;
const bookmarkIntervalMs = 60 * 1000;
/** A last bookmark is sent this long before the end. */
const farewellMs = 2000;

const initialEventsEnd = { annotations: { "k8s.io/initial-events-end": "true" } };

export function watchHandler(context: ResourceContext): Response {
  const { info, services } = context;
  const options = listOptions(info.query, true);
  const selection = new Selection(context);
  // A bad version is refused as any bad request is; one that is too old is an event.
  parseResourceVersion(options.resourceVersion);
  const events = new WatchEvents(context, selection);
  const counters = context.metrics.watches(info);
  counters.open.add(1);
  const stops: Array<() => void> = [() => counters.open.add(-1)];
  const stream = new WatchStream({
    events,
    sent: counters.events,
    bookmark: bookmarkText(context, events),
    wantsBookmarks: options.allowWatchBookmarks,
    onClose: () => {
      for (const stop of stops) stop();
    },
  });
  const { signal } = context.connection;
  const close = () => stream.close();
  signal.addEventListener("abort", close, { once: true });
  stops.push(() => signal.removeEventListener("abort", close));
  const timeoutMs = options.timeoutSeconds * 1000 || minTimeoutMs * (1 + services.random());
  stops.push(services.clock.after(timeoutMs, close));
  if (options.allowWatchBookmarks) stops.push(scheduleBookmarks(context, stream, timeoutMs));
  void begin(context, options, selection, events, stream);
  const { mediaType } = context.format;
  const contentType = mediaType === protobufMediaType ? `${mediaType};stream=watch` : mediaType;
  return liveResponse(stream, responseHeaders(context, contentType));
}

/** Sends bookmarks each minute, and one shortly before the end. */
function scheduleBookmarks(context: ResourceContext, stream: WatchStream, timeoutMs: number): () => void {
  const { clock } = context.services;
  let cancelNext: () => void;
  const tick = (): void => {
    stream.bookmark();
    cancelNext = clock.after(bookmarkIntervalMs, tick);
  };
  cancelNext = clock.after(bookmarkIntervalMs, tick);
  const cancelLast = clock.after(Math.max(0, timeoutMs - farewellMs), () => stream.bookmark());
  return () => {
    cancelNext();
    cancelLast();
  };
}

function bookmarkText(
  context: ResourceContext,
  events: WatchEvents,
): (revision: number, endsInitialEvents: boolean) => string {
  const { definition } = context.store;
  return (revision, endsInitialEvents) => {
    const metadata = { resourceVersion: String(revision), ...(endsInitialEvents ? initialEventsEnd : {}) };
    const { as, version } = context.format;
    if (as === "Table" && !endsInitialEvents) return events.tableText([], metadata.resourceVersion);
    if (as !== "") {
      return JSON.stringify({
        kind: "PartialObjectMetadata",
        apiVersion: `meta.k8s.io/${version}`,
        metadata,
      });
    }
    return JSON.stringify({ kind: definition.kind, apiVersion: apiVersionOf(definition), metadata });
  };
}

/** The keys to watch: the one object's where the selection names it. */
function watchedPrefix({ store, info }: ResourceContext, { name }: Selection): string {
  const isKnown = name !== undefined && (info.namespace !== "" || !store.definition.namespaced);
  return isKnown ? store.key(info.namespace, name) : store.prefix(info.namespace);
}

/** Sends what exists already where the client asked for it, then follows the store. */
async function begin(
  context: ResourceContext,
  options: ListOptions,
  selection: Selection,
  events: WatchEvents,
  stream: WatchStream,
): Promise<void> {
  const { store, info } = context;
  const prefix = watchedPrefix(context, selection);
  const asked = parseResourceVersion(options.resourceVersion);
  try {
    const sendsState = options.sendInitialEvents || (asked === 0 && !info.query.has("sendInitialEvents"));
    const revision = sendsState ? await sendState(context, options, selection, events, stream) : asked;
    if (options.sendInitialEvents && options.allowWatchBookmarks) stream.endInitialEvents(revision);
    const current = store.backend.currentRevision();
    const from = revision === 0 ? current : revision;
    // A watch from what is still to come waits for it.
    const start = Math.min(from, current);
    stream.follow(from, (sink) =>
      store.backend.watch(prefix, start, from > start ? laterThan(from, sink) : sink, events.route),
    );
  } catch (error) {
    stream.fail(toApiError(error));
  }
}

/** The events after a revision, for a watch that began before the store had come to it. */
function laterThan(revision: number, sink: WatchSink): WatchSink {
  return {
    events(events, reached) {
      const later = events.filter(({ current }) => current.modRevision > revision);
      if (later.length > 0) sink.events(later, reached);
    },
    end: (error) => sink.end(error),
  };
}

async function sendState(
  context: ResourceContext,
  options: ListOptions,
  selection: Selection,
  events: WatchEvents,
  stream: WatchStream,
): Promise<number> {
  const pages = new ListPages(context, selection, { ...options, limit: 0, continue: "" });
  for (;;) {
    const page = await pages.read(0);
    for (const item of page.items) {
      const pending = stream.sendPaced(events.initialLine(item));
      if (pending !== undefined) await pending;
    }
    if (page.next === undefined || stream.closed) return page.revision;
    await nextTurn();
  }
}
