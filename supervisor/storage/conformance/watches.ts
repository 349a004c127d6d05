import { expect, test } from "bun:test";
import { type Backend, type BackendEvent, CompactedError, FutureRevisionError } from "../backend.ts";
import { caughtUp, RecordingSink, type StoreUnderTest } from "./store.ts";

/** Watches: events past and live, each once and in order, and how watches end. */
export function describeWatches(store: () => StoreUnderTest): void {
  const open = (): Backend => store().backend;

  test("a live watch gets each event with the state before it", async () => {
    const backend = open();
    const sink = new RecordingSink();
    backend.watch("/", backend.currentRevision(), sink);
    const one = await backend.create("/a", "1");
    const two = await backend.update("/a", "2", one.modRevision);
    const gone = await backend.delete("/a", two.modRevision);
    await sink.until(() => sink.received.length === 3);
    const expected: BackendEvent[] = [
      { type: "put", current: one },
      { type: "put", current: two, previous: one },
      { type: "delete", current: gone, previous: two },
    ];
    expect(sink.received).toEqual(expected);
    expect(sink.revisions.at(-1)).toBe(gone.modRevision);
  });

  test("a watch from the past gets the same events as a live one", async () => {
    const backend = open();
    const live = new RecordingSink();
    const start = backend.currentRevision();
    backend.watch("/", start, live);
    const one = await backend.create("/a", "1");
    const two = await backend.update("/a", "2", one.modRevision);
    await backend.create("/b", "1");
    await backend.delete("/a", two.modRevision);
    await backend.create("/a", "3");
    const fromMemory = new RecordingSink();
    await caughtUp(backend, backend.watch("/", start, fromMemory));
    expect(fromMemory.received).toEqual(live.received);
    const again = await store().reopen();
    const fromHistory = new RecordingSink();
    await caughtUp(again, again.watch("/", start, fromHistory));
    expect(fromHistory.received).toEqual(live.received);
  });

  test("a watch gets the events of its prefix alone, and reaches the store's revision", async () => {
    const backend = open();
    const sink = new RecordingSink();
    const handle = backend.watch("/a/", backend.currentRevision(), sink);
    await Promise.all(["/a", "/a/1", "/b/1", "/a0", "/a/2"].map((key) => backend.create(key, "1")));
    await caughtUp(backend, handle);
    expect(sink.received.map(({ current }) => current.key)).toEqual(["/a/1", "/a/2"]);
    expect(handle.revision()).toBe(backend.currentRevision());
  });

  test("watches from every revision have neither gap nor double under concurrent writes", async () => {
    const backend = open();
    const start = backend.currentRevision();
    const sinks: { from: number; sink: RecordingSink }[] = [];
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      let state = await backend.create(`/w/${writer}`, "0");
      for (let i = 1; i < 40; i++) {
        state = await backend.update(state.key, String(i), state.modRevision);
        if (i % 4 > 0) continue;
        const from = start + Math.floor((backend.currentRevision() - start) * (i / 40));
        const sink = new RecordingSink();
        backend.watch(writer % 2 === 0 ? "/w/" : "", from, sink);
        sinks.push({ from, sink });
      }
    });
    await Promise.all(writers);
    const last = backend.currentRevision();
    for (const { from, sink } of sinks) {
      await sink.until(() => sink.received.length >= last - from);
      const revisions = sink.received.map(({ current }) => current.modRevision);
      expect(revisions).toEqual(Array.from({ length: last - from }, (_, i) => from + 1 + i));
    }
  });

  test("events are sent before their writer is answered", async () => {
    const backend = open();
    const sink = new RecordingSink();
    backend.watch("/", backend.currentRevision(), sink);
    await backend.create("/a", "1");
    expect(sink.received).toHaveLength(1);
  });

  test("a stopped watch gets nothing more, and may be stopped again", async () => {
    const backend = open();
    const start = backend.currentRevision();
    const live = new RecordingSink();
    const handle = backend.watch("/", start, live);
    await backend.create("/a", "1");
    handle.stop();
    handle.stop();
    const past = new RecordingSink();
    backend.watch("/", start, past).stop();
    const other = new RecordingSink();
    backend.watch("/", start, other);
    await backend.create("/b", "1");
    await other.until(() => other.received.length === 2);
    expect(live.received).toHaveLength(1);
    expect(past.received).toHaveLength(0);
    expect(live.ended).toBeUndefined();
  });

  test("a watch that its sink stops or that its sink begins disturbs no other", async () => {
    const backend = open();
    const start = backend.currentRevision();
    const nested = new RecordingSink();
    const sink = new RecordingSink();
    const handle = backend.watch("/", start, {
      events: (_, revision) => {
        handle.stop();
        backend.watch("/", revision, nested);
      },
      end: () => undefined,
    });
    backend.watch("/", start, sink);
    await backend.create("/a", "1");
    await backend.create("/b", "1");
    expect(nested.received.map(({ current }) => current.key)).toEqual(["/b"]);
    expect(sink.received).toHaveLength(2);
  });

  test("a watch in the future throws FutureRevisionError", () => {
    const backend = open();
    const future = backend.currentRevision() + 1;
    expect(() => backend.watch("/", future, new RecordingSink())).toThrow(FutureRevisionError);
  });

  test("a watch that compaction overtakes gets everything or ends with CompactedError", async () => {
    const backend = open();
    const start = backend.currentRevision();
    await Promise.all(Array.from({ length: 3000 }, (_, i) => backend.create(`/${i}`, "x".repeat(2000))));
    const sink = new RecordingSink();
    const handle = backend.watch("/", start, sink);
    await backend.compact(backend.currentRevision());
    await sink.until(() => sink.ended !== undefined || handle.revision() === backend.currentRevision());
    const revisions = sink.received.map(({ current }) => current.modRevision);
    expect(revisions).toEqual(revisions.map((_, i) => start + 1 + i));
    if (sink.ended === undefined) expect(revisions).toHaveLength(3000);
    else expect(sink.ended).toBeInstanceOf(CompactedError);
  });
}
