import { expect, test } from "bun:test";
import { PrefixIndex } from "./prefix-index.ts";

function matches(index: PrefixIndex<string>, key: string): string[] {
  const found: string[] = [];
  index.match(key, (entry) => found.push(entry));
  return found.sort();
}

test("match visits the entry of every prefix of the key, also the empty one and the key itself", () => {
  const index = new PrefixIndex<string>();
  for (const prefix of ["", "/pods/", "/pods/a/", "/pods/a/x", "/pods/b/", "/configmaps/"])
    index.set(prefix, prefix);
  expect(matches(index, "/pods/a/x")).toEqual(["", "/pods/", "/pods/a/", "/pods/a/x"]);
  expect(matches(index, "/pods/a")).toEqual(["", "/pods/"]);
  expect(matches(index, "/")).toEqual([""]);
});

test("delete takes one prefix out and leaves others of its length", () => {
  const index = new PrefixIndex<string>();
  index.set("/a/", "a");
  index.set("/b/", "b");
  index.delete("/a/");
  index.delete("/a/");
  expect(matches(index, "/a/1")).toEqual([]);
  expect(matches(index, "/b/1")).toEqual(["b"]);
  index.delete("/b/");
  expect(matches(index, "/b/1")).toEqual([]);
});

test("set replaces the entry of a prefix", () => {
  const index = new PrefixIndex<string>();
  index.set("/a/", "1");
  index.set("/a/", "2");
  index.delete("/a/");
  expect(matches(index, "/a/1")).toEqual([]);
  expect(index.get("/a/")).toBeUndefined();
});
