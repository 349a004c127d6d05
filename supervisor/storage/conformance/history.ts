import { expect, test } from "bun:test";
import { type Backend, CompactedError, FutureRevisionError } from "../backend.ts";
import { caughtUp, RecordingSink, type StoreUnderTest } from "./store.ts";

/** Old revisions, compaction, and what a store that is opened again remembers. */
export function describeHistory(store: () => StoreUnderTest): void {
  const open = (): Backend => store().backend;

  test("get at an old revision gives the state at it", async () => {
    const backend = open();
    const base = backend.currentRevision();
    const one = await backend.create("/a", "1");
    const two = await backend.update("/a", "2", one.modRevision);
    const gone = await backend.delete("/a", two.modRevision);
    const again = await backend.create("/a", "4");
    expect(await backend.get("/a", base)).toBeUndefined();
    expect(await backend.get("/a", one.modRevision)).toEqual(one);
    expect(await backend.get("/a", two.modRevision)).toEqual(two);
    expect(await backend.get("/a", gone.modRevision)).toBeUndefined();
    expect(await backend.get("/a", again.modRevision)).toEqual(again);
  });

  test("what lies before the compacted revision throws CompactedError, the state at it stays", async () => {
    const backend = open();
    const one = await backend.create("/a", "1");
    const two = await backend.update("/a", "2", one.modRevision);
    const three = await backend.update("/a", "3", two.modRevision);
    await backend.compact(two.modRevision);
    await expect(backend.get("/a", one.modRevision)).rejects.toBeInstanceOf(CompactedError);
    const range = backend.range({ prefix: "/", revision: one.modRevision });
    await expect(range).rejects.toBeInstanceOf(CompactedError);
    expect(() => backend.watch("/", one.modRevision, new RecordingSink())).toThrow(CompactedError);
    expect(await backend.get("/a", two.modRevision)).toEqual(two);
    expect((await backend.range({ prefix: "/", revision: two.modRevision })).items).toEqual([two]);
    expect(await backend.get("/a")).toEqual(three);
  });

  test("compaction of a revision that is compacted does nothing, of the future throws", async () => {
    const backend = open();
    await backend.create("/a", "1");
    const { modRevision } = await backend.create("/b", "1");
    await backend.compact(modRevision);
    await backend.compact(modRevision - 1);
    await backend.compact(modRevision);
    expect(await backend.get("/a", modRevision)).toMatchObject({ value: "1" });
    await expect(backend.compact(modRevision + 1)).rejects.toBeInstanceOf(FutureRevisionError);
  });

  test("a store opened again has its state, its revision and its history", async () => {
    const one = await open().create("/a", "1");
    const two = await open().update("/a", "2", one.modRevision);
    const again = await store().reopen();
    expect(again.currentRevision()).toBe(two.modRevision);
    expect(await again.get("/a")).toEqual(two);
    expect(await again.get("/a", one.modRevision)).toEqual(one);
    const sink = new RecordingSink();
    const handle = again.watch("/", one.modRevision, sink);
    await caughtUp(again, handle);
    expect(sink.texts).toEqual([`put /a=2@${two.modRevision}`]);
  });

  test("the revision stays when the newest write was a delete and is compacted", async () => {
    const created = await open().create("/a", "1");
    const deleted = await open().delete("/a", created.modRevision);
    await open().compact(deleted.modRevision);
    const again = await store().reopen();
    expect(again.currentRevision()).toBe(deleted.modRevision);
    expect((await again.create("/a", "2")).modRevision).toBe(deleted.modRevision + 1);
    await expect(again.get("/a", created.modRevision)).rejects.toBeInstanceOf(CompactedError);
  });

  test("close answers the writes under way, ends the watches and refuses what comes after", async () => {
    const backend = open();
    const sink = new RecordingSink();
    backend.watch("/", backend.currentRevision(), sink);
    const writing = backend.create("/a", "1");
    const closing = backend.close();
    expect((await writing).value).toBe("1");
    await closing;
    await backend.close();
    expect(sink.received).toHaveLength(1);
    expect(sink.ended).toBeInstanceOf(Error);
    await expect(backend.create("/b", "1")).rejects.toThrow("closed");
    await expect(backend.get("/a")).rejects.toThrow("closed");
    expect((await (await store().reopen()).get("/a"))?.value).toBe("1");
  });
}
