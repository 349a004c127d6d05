import { describe, expect, test } from "bun:test";
import { pack } from "tar-stream";
import fc from "../../../test/framework/fast-check.ts";
import { buildTar, directory, file, symlink } from "../../../test/framework/tar-builder.ts";
import { ImageError } from "../image-service.ts";
import type { LayerEntry } from "./entry.ts";
import { StreamCursor } from "./stream-cursor.ts";
import { readTar } from "./tar-reader.ts";

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, void> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function entriesOf(archive: Uint8Array, chunk = 1000): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  for await (const entry of readTar(new StreamCursor(inChunks(archive, chunk)))) entries.push(entry);
  return entries;
}

/** What is thrown for an archive. */
async function faultOf(archive: Uint8Array): Promise<string> {
  try {
    await entriesOf(archive);
  } catch (error) {
    if (error instanceof ImageError) return `${error.kind}: ${error.message}`;
    throw error;
  }
  return "none";
}

/** A GNU archive with a long name and a long link before a symlink. */
function gnuLongNames(path: string, link: string): Buffer {
  const long = (flag: string, text: string): Buffer => {
    const archive = buildTar([file("././@LongLink", `${text}\0`)]).subarray(0, -1024);
    return retyped(archive, flag);
  };
  return Buffer.concat([long("L", path), long("K", link), buildTar([symlink("short", "short")])]);
}

/** Changes an archive's first header to another type, its checksum too. */
function retyped(archive: Buffer, flag: string): Buffer {
  const copy = Buffer.from(archive);
  copy.write(flag, 156, "latin1");
  copy.fill(0x20, 148, 156);
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return copy;
}

describe("readTar", () => {
  test("reads what tar-stream writes", async () => {
    const archive = pack();
    const long = `${"directory/".repeat(30)}file`;
    archive.entry({ name: long, mode: 0o4755, uid: 12, gid: 34, mtime: new Date(5000) }, "content");
    archive.entry({ name: "link", type: "symlink", linkname: "x".repeat(150) });
    archive.entry({ name: "ü\u{1f600}", pax: { "SCHILY.xattr.user.a": "b" } }, "");
    archive.finalize();
    const parts: Buffer[] = [];
    // tar-stream's types do not say that its chunks are bytes.
    for await (const part of archive) parts.push(part as Buffer);
    const [first, second, third] = await entriesOf(Buffer.concat(parts));
    expect(first).toMatchObject({
      type: "file",
      path: long,
      attributes: { mode: 0o4755, uid: 12, gid: 34, modifiedSeconds: 5 },
      data: { sizeBytes: 7 },
    });
    expect(second).toMatchObject({ type: "symlink", linkName: "x".repeat(150) });
    expect(third?.path).toBe(Buffer.from("ü\u{1f600}").toString("latin1"));
    expect(third?.attributes.xattrs).toEqual(new Map([["user.a", "b"]]));
  });

  test("reads the GNU long names", async () => {
    const [path, link] = ["p".repeat(3000), "l".repeat(2000)];
    expect(await entriesOf(gnuLongNames(path, link))).toMatchObject([
      { type: "symlink", path, linkName: link },
    ]);
  });

  test("says where content lies", async () => {
    const archive = buildTar([file("a", "first"), directory("d"), file("d/b", "second")]);
    const found = (await entriesOf(archive)).map(({ data }) =>
      archive.toString("latin1", data.offset, data.offset + data.storedBytes),
    );
    expect(found).toEqual(["first", "", "second"]);
  });

  test("takes an archive without an end, and refuses one that is cut", async () => {
    const archive = buildTar([file("a", "x".repeat(600))]);
    expect(await entriesOf(archive.subarray(0, -1024))).toHaveLength(1);
    expect(await faultOf(archive.subarray(0, 900))).toContain(
      "invalid-image: tar archive ends in the middle",
    );
    expect(await faultOf(archive.subarray(0, 100))).toContain(
      "invalid-image: tar archive ends in the middle",
    );
  });

  test("refuses a wrong checksum, an unknown type, and entries behind the end", async () => {
    const archive = buildTar([file("a")]);
    const flipped = Buffer.from(archive);
    flipped[0] = 0x7a;
    expect(await faultOf(flipped)).toContain("checksum is wrong");
    expect(await faultOf(retyped(archive, "?"))).toContain('unknown type "?"');
    expect(await faultOf(Buffer.concat([Buffer.alloc(512), archive]))).toContain("entries follow its end");
  });

  test("refuses lying PAX headers", async () => {
    for (const records of [
      "99 path=a\n",
      "0 a=b\n",
      "x path=a\n",
      "8 path=a",
      "1000000000 a=b\n",
      "7 noeq\n",
    ]) {
      const header = retyped(buildTar([file("pax", records)]).subarray(0, -1024), "x");
      expect(await faultOf(Buffer.concat([header, buildTar([file("a")])]))).toContain("broken PAX header");
    }
    const size = retyped(buildTar([file("pax", "12 size=-99\n")]).subarray(0, -1024), "x");
    expect(await faultOf(Buffer.concat([size, buildTar([file("a")])]))).toContain("negative size");
  });

  test("reads the same whatever the chunks, and throws nothing but ImageError", async () => {
    const valid = buildTar([
      file("a", "x".repeat(700)),
      directory("d"),
      symlink(`d/${"l".repeat(120)}`, "a"),
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2000 }),
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 }),
        async (chunk, flips) => {
          expect(await entriesOf(valid, chunk)).toHaveLength(3);
          const broken = Buffer.from(valid);
          for (const [at, byte] of flips) broken[at] = byte;
          await faultOf(broken);
        },
      ),
      { numRuns: 60 },
    );
  });
});
