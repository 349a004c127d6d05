import { expect, test } from "bun:test";
import { type Backend, FutureRevisionError } from "../backend.ts";
import type { StoreUnderTest } from "./store.ts";

/** Ranges: prefix, order, pages, counts, and the state at an old revision. */
export function describeRanges(store: () => StoreUnderTest): void {
  const open = (): Backend => store().backend;
  const keysOf = (items: readonly { readonly key: string }[]): string[] => items.map(({ key }) => key);

  test("a range has the keys with the prefix alone, in order, at the newest revision", async () => {
    const backend = open();
    for (const key of ["/b/2", "/a/1", "/b/1", "/c", "/b"]) await backend.create(key, key);
    const result = await backend.range({ prefix: "/b/" });
    expect(keysOf(result.items)).toEqual(["/b/1", "/b/2"]);
    expect(result).toMatchObject({ revision: backend.currentRevision(), remaining: 0 });
  });

  test("an empty range has no items and the newest revision", async () => {
    const backend = open();
    await backend.create("/a", "1");
    const revision = backend.currentRevision();
    expect(await backend.range({ prefix: "/x" })).toEqual({ items: [], revision, remaining: 0 });
  });

  test("the empty prefix has every key", async () => {
    const backend = open();
    for (const key of ["/b", "a", "\u{10ffff}"]) await backend.create(key, "1");
    expect(keysOf((await backend.range({ prefix: "" })).items)).toEqual(["/b", "a", "\u{10ffff}"]);
  });

  test("keys come in the order of their bytes", async () => {
    const backend = open();
    const keys = ["/", "/Z", "/a", "/aa", "/a\u0000", "/a-", "/é", "/€", "/\uffee", "/😀", "/\u{10ffff}"];
    for (const key of keys) await backend.create(key, "1");
    const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(keysOf((await backend.range({ prefix: "/" })).items)).toEqual(sorted);
  });

  test.each(["/p", "/p\u007f", "/pé", "/p\u07ff", "/p\uffff", "/p\u{10ffff}", "/p%", "/p_"])(
    "prefix %j has the keys that begin with it and no neighbour",
    async (prefix) => {
      const backend = open();
      const inside = [prefix, `${prefix}\u0000`, `${prefix}a`, `${prefix}\u{10ffff}`, `${prefix}\u{10ffff}z`];
      const outside = ["/o", "/q", prefix.slice(0, -1), `${prefix.slice(0, 2)}!`];
      for (const key of new Set([...inside, ...outside]))
        await backend.create(key, "1").catch(() => undefined);
      const { items } = await backend.range({ prefix });
      const all = [...new Set([...inside, ...outside])].filter((key) => key.startsWith(prefix));
      expect(new Set(keysOf(items))).toEqual(new Set(all));
    },
  );

  test("pages by limit and after give each key once, and count those that follow", async () => {
    const backend = open();
    await Promise.all(Array.from({ length: 10 }, (_, i) => backend.create(`/a/${i}`, "1")));
    await backend.create("/b", "1");
    const first = await backend.range({ prefix: "/a/", limit: 4 });
    expect(keysOf(first.items)).toEqual(["/a/0", "/a/1", "/a/2", "/a/3"]);
    expect(first.remaining).toBe(6);
    const second = await backend.range({ prefix: "/a/", limit: 4, after: "/a/3" });
    expect(second.remaining).toBe(2);
    const third = await backend.range({ prefix: "/a/", limit: 4, after: "/a/7" });
    expect(keysOf(third.items)).toEqual(["/a/8", "/a/9"]);
    expect(third.remaining).toBe(0);
  });

  test("a limit that the range just fills leaves nothing, and limit 0 only counts", async () => {
    const backend = open();
    await Promise.all(["/a", "/b", "/c"].map((key) => backend.create(key, "1")));
    expect((await backend.range({ prefix: "/", limit: 3 })).remaining).toBe(0);
    expect(await backend.range({ prefix: "/", limit: 0 })).toMatchObject({ items: [], remaining: 3 });
  });

  test("after a key that lies before the range begins at the range, after one behind it nothing is left", async () => {
    const backend = open();
    for (const key of ["/a", "/b/1", "/b/2", "/c"]) await backend.create(key, "1");
    expect(keysOf((await backend.range({ prefix: "/b/", after: "/a" })).items)).toEqual(["/b/1", "/b/2"]);
    expect(keysOf((await backend.range({ prefix: "/b/", after: "/b/1\u0000" })).items)).toEqual(["/b/2"]);
    expect((await backend.range({ prefix: "/b/", after: "/c" })).items).toEqual([]);
  });

  test("a range of thousands of keys is one state, also while they change", async () => {
    const backend = open();
    const keys = Array.from({ length: 2500 }, (_, i) => `/n/${String(i).padStart(5, "0")}`);
    const states = await Promise.all(keys.map((key) => backend.create(key, "before")));
    const ranged = backend.range({ prefix: "/n/" });
    const changed = states.map(({ key, modRevision }) => backend.update(key, "after", modRevision));
    const created = backend.create("/n/99999", "after");
    const { items } = await ranged;
    await Promise.all([...changed, created]);
    expect(items).toEqual(states);
  });

  test("a range in the future throws FutureRevisionError", async () => {
    const backend = open();
    const revision = backend.currentRevision() + 1;
    await expect(backend.range({ prefix: "/", revision })).rejects.toBeInstanceOf(FutureRevisionError);
    await expect(backend.get("/a", revision)).rejects.toBeInstanceOf(FutureRevisionError);
  });

  test("pages at one revision do not see what came later", async () => {
    const backend = open();
    const [a] = await Promise.all(["/a", "/b", "/c", "/d"].map((key) => backend.create(key, "old")));
    const { revision, items } = await backend.range({ prefix: "/", limit: 2 });
    const c = await backend.get("/c");
    await backend.update("/a", "new", a?.modRevision ?? 0);
    await backend.delete("/c", c?.modRevision ?? 0);
    await backend.create("/bb", "new");
    const rest = await backend.range({ prefix: "/", after: "/b", limit: 1, revision });
    expect([...keysOf(items), ...keysOf(rest.items)]).toEqual(["/a", "/b", "/c"]);
    expect(rest).toMatchObject({ revision, remaining: 1 });
    expect((await backend.range({ prefix: "/", revision })).items.map(({ value }) => value)).toEqual(
      Array(4).fill("old"),
    );
  });
}
