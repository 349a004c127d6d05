import { expect, test } from "bun:test";
import { FieldReader } from "../channel/fields.ts";
import { entryKind, maxMessageBytes, tag } from "../channel/protocol.ts";
import { volumeRequests } from "./volume-requests.ts";

test("volumeRequests sends a small volume at once", () => {
  const entries = [
    { kind: "folder", path: "..1", mode: 0o755 },
    { kind: "file", path: "..1/a", mode: 0o640, group: 7, content: Buffer.from("text") },
    { kind: "link", path: "a", target: "..1/a" },
  ] as const;
  const requests = [...volumeRequests({ name: "conf", mode: 0o1777, entries })];
  expect(requests).toHaveLength(1);
  const fields = new FieldReader(requests[0]?.finish() ?? Buffer.alloc(0));
  expect([fields.text(tag.mountSource), fields.u32(tag.volumeParts)]).toEqual(["conf", 3]);
  expect([fields.u32(tag.mode), fields.u64(tag.size)]).toEqual([0o1777, undefined]);
  const seen = fields
    .groups(tag.entry)
    .map((entry) => [entry.u32(tag.entryKind), entry.text(tag.path), entry.text(tag.content)]);
  expect(seen).toEqual([
    [entryKind.folder, "..1", undefined],
    [entryKind.file, "..1/a", "text"],
    [entryKind.link, "a", "..1/a"],
  ]);
});

test("volumeRequests sends what is large in pieces, each in a message that fits", () => {
  const large = Buffer.alloc(3_000_001, "abc");
  const entries = ["x", "y"].map((path) => ({ kind: "file", path, mode: 0o600, content: large }) as const);
  const requests = [...volumeRequests({ name: "data", mode: 0o755, entries })].map((it) => it.finish());
  expect(Math.max(...requests.map(({ length }) => length))).toBeLessThan(maxMessageBytes / 2);
  const fields = requests.map((request) => new FieldReader(request));
  expect(fields.map((it) => it.u32(tag.volumeParts))).toEqual([
    1,
    ...Array.from({ length: fields.length - 2 }, () => 0),
    2,
  ]);
  const pieces = fields.flatMap((it) => it.groups(tag.entry)).filter((it) => it.text(tag.path) === "y");
  expect(pieces.map((it) => it.u32(tag.entryKind)).slice(0, 2)).toEqual([entryKind.file, entryKind.more]);
  expect(pieces.map((it) => it.text(tag.content)).join("")).toBe(large.toString());
});

test("volumeRequests makes an empty volume, and an empty file", () => {
  expect([...volumeRequests({ name: "e", mode: 0o777, sizeBytes: 4096, entries: [] })]).toHaveLength(1);
  const entries = [{ kind: "file", path: "a", mode: 0o600, content: Buffer.alloc(0) }] as const;
  const [request] = [...volumeRequests({ name: "e", mode: 0o777, entries })];
  const groups = new FieldReader(request?.finish() ?? Buffer.alloc(0)).groups(tag.entry);
  expect(groups.map((it) => [it.u32(tag.entryKind), it.text(tag.content)])).toEqual([[entryKind.file, ""]]);
});
