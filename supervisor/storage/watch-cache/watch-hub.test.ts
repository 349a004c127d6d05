import { expect, test } from "bun:test";
import { Logger } from "../../base/logging.ts";
import { type BackendEvent, CompactedError, type KeyValue } from "../backend.ts";
import { RecordingSink } from "../conformance/store.ts";
import { type HistoryPage, WatchHub } from "./watch-hub.ts";

function put(key: string, revision: number): BackendEvent {
  return { type: "put", current: { key, value: "v", createRevision: revision, modRevision: revision } };
}

const noHistory = (): HistoryPage => {
  throw new Error("The history was read");
};

function openHub(options: { revision?: number; recentChars?: number; readHistory?: () => HistoryPage } = {}) {
  const lines: string[] = [];
  const logger = new Logger("debug", (line) => lines.push(line));
  const hub = new WatchHub({ revision: 1, readHistory: noHistory, ...options, logger });
  return { hub, lines };
}

test("watches of one prefix share one list of events, others are not called", () => {
  const { hub } = openHub();
  const seen: (readonly BackendEvent[])[] = [];
  const sink = { events: (events: readonly BackendEvent[]) => seen.push(events), end: () => undefined };
  hub.watch("/a/", 1, sink);
  hub.watch("/a/", 1, sink);
  const other = new RecordingSink();
  const handle = hub.watch("/b/", 1, other);
  hub.publish([put("/a/1", 2), put("/a/2", 3)], 3);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toBe(seen[1] as readonly BackendEvent[]);
  expect(other.revisions).toEqual([]);
  expect(handle.revision()).toBe(3);
});

test("watches of a route get what has or had their value, and reading costs once for all of them", () => {
  const { hub } = openHub();
  let reads = 0;
  const route = (value: string) => ({
    name: "node",
    value,
    read: (state: KeyValue) => {
      reads++;
      return state.value;
    },
  });
  const sinks = Array.from({ length: 100 }, (_, index) => {
    const sink = new RecordingSink();
    hub.watch("/a/", 1, sink, route(`node-${index}`));
    return sink;
  });
  const state = (value: string, revision: number): KeyValue => ({
    key: "/a/1",
    value,
    createRevision: 2,
    modRevision: revision,
  });
  const first = state("node-1", 2);
  hub.publish([{ type: "put", current: first }], 2);
  hub.publish([{ type: "put", current: state("node-2", 3), previous: first }], 3);
  expect(reads).toBe(3);
  expect(sinks.map((sink) => sink.revisions).filter((revisions) => revisions.length > 0)).toEqual([
    [2, 3],
    [3],
  ]);
});

test("a handle's revision passes a commit only when every watch has had it", () => {
  const { hub } = openHub();
  const seen: number[] = [];
  const late = hub.watch("/a/2", 1, new RecordingSink());
  hub.watch("/a/", 1, { events: () => seen.push(late.revision()), end: () => undefined });
  hub.publish([put("/a/1", 2), put("/a/2", 3)], 3);
  expect(seen).toEqual([1]);
  expect(late.revision()).toBe(3);
});

test("a watch from a recent revision is fed from memory", async () => {
  const { hub } = openHub();
  hub.publish([put("/a/1", 2), put("/b/1", 3), put("/a/2", 4)], 4);
  const sink = new RecordingSink();
  hub.watch("/a/", 1, sink);
  await sink.until(() => sink.received.length === 2);
  expect(sink.texts).toEqual(["put /a/1=v@2", "put /a/2=v@4"]);
});

test("a watch from an older revision reads the history page by page and joins where it ends", async () => {
  const pages: HistoryPage[] = [
    { events: [put("/a/1", 2)], revision: 2 },
    { events: [], revision: 3 },
    { events: [put("/a/2", 4)], revision: 4 },
  ];
  const { hub } = openHub({ revision: 4, readHistory: () => pages.shift() ?? noHistory() });
  const sink = new RecordingSink();
  const handle = hub.watch("/a/", 1, sink);
  await sink.until(() => sink.received.length === 2);
  hub.publish([put("/a/3", 5)], 5);
  expect(sink.revisions).toEqual([2, 4, 5]);
  expect(handle.revision()).toBe(5);
});

test("a watch whose history is gone ends with the error", async () => {
  const readHistory = (): HistoryPage => {
    throw new CompactedError(1, 3);
  };
  const { hub } = openHub({ revision: 4, readHistory });
  const sink = new RecordingSink();
  hub.watch("/a/", 1, sink);
  await sink.until(() => sink.ended !== undefined);
  expect(sink.ended).toBeInstanceOf(CompactedError);
});

test("a receiver that throws loses its watch, is logged, and disturbs no other", () => {
  const { hub, lines } = openHub();
  const fail = (): never => {
    throw new Error("broken");
  };
  hub.watch("/a/", 1, { events: fail, end: fail });
  const sink = new RecordingSink();
  hub.watch("/a/", 1, sink);
  hub.publish([put("/a/1", 2)], 2);
  hub.publish([put("/a/2", 3)], 3);
  expect(sink.received).toHaveLength(2);
  expect(lines.join("")).toContain("Watch ended because its receiver failed prefix=/a/ error=broken");
  expect(lines).toHaveLength(2);
});

test("close ends every watch once", () => {
  const { hub } = openHub();
  const sinks = ["/a", "/b"].map((prefix) => {
    const sink = new RecordingSink();
    hub.watch(prefix, 1, sink);
    return sink;
  });
  hub.close(new Error("over"));
  hub.publish([put("/a", 2)], 2);
  expect(sinks.map(({ ended }) => ended?.message)).toEqual(["over", "over"]);
  expect(sinks[0]?.received).toEqual([]);
});
