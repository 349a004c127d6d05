import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { extract } from "tar-stream";
import {
  buildTar,
  directory,
  file,
  hardLink,
  type TarSpec,
  whiteout,
} from "../../../test/framework/tar-builder.ts";
import { sha256 } from "../../../test/framework/test-image.ts";
import { ImageError } from "../image-service.ts";
import { indexLayer, type Layer } from "./layer-index.ts";
import { defaultLimits, ImageBudget, type ImageLimits } from "./limits.ts";
import { mergedTar } from "./merged-tar.ts";
import { MergedTree } from "./merged-tree.ts";

const root = mkdtempSync(join(tmpdir(), "pacific-merged-tar-"));
afterAll(() => rmSync(root, { recursive: true }));
const signal = new AbortController().signal;

function layerFile(tar: Buffer, compress: (tar: Buffer) => Buffer = (plain) => plain): Layer {
  const content = compress(tar);
  const path = join(root, crypto.randomUUID());
  writeFileSync(path, content);
  return { path, offset: 0, sizeBytes: content.length, name: "layer", diffId: sha256(tar) };
}

async function merge(layers: readonly Layer[], limits: ImageLimits = defaultLimits): Promise<Buffer> {
  const budget = new ImageBudget(limits);
  const tree = new MergedTree(budget);
  for (const layer of layers)
    await tree.applyLayer(await indexLayer(layer, { budget, signal, onRead: () => {} }));
  const parts: Buffer[] = [];
  for await (const part of mergedTar(tree, layers, { signal, onRead: () => {} }))
    parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** The archive as a reader that is not ours sees it. */
async function contents(archive: Buffer): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const reader = Readable.from([archive]).pipe(extract());
  for await (const entry of reader) {
    const parts: Buffer[] = [];
    // tar-stream's types do not say that its chunks are bytes.
    for await (const part of entry) parts.push(part as Buffer);
    const { name, type, linkname } = entry.header;
    found[name] =
      type === "file" ? Buffer.concat(parts).toString() : `${type}${linkname ? ` ${linkname}` : ""}`;
  }
  return found;
}

async function faultOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ImageError) return `${error.kind}: ${error.message}`;
    throw error;
  }
  return "none";
}

describe("mergedTar", () => {
  const lower: TarSpec[] = [
    directory("d"),
    file("d/a", "lower a"),
    file("d/b", "lower b"),
    hardLink("link", "d/b"),
  ];
  const upper: TarSpec[] = [file("d/a", "upper a"), whiteout("d/b"), file(`long/${"n".repeat(200)}`, "long")];

  test.each([
    ["plain", (tar: Buffer) => tar],
    ["gzip", (tar: Buffer) => gzipSync(tar)],
    [
      "gzip in two members",
      (tar: Buffer) => Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
    ],
    ["zstd", (tar: Buffer) => zstdCompressSync(tar)],
  ])("writes the merged content of %s layers", async (_name, compress) => {
    const layers = [lower, upper].map((specs) => layerFile(buildTar(specs), compress));
    expect(await contents(await merge(layers))).toEqual({
      "./": "directory",
      "d/": "directory",
      "d/a": "upper a",
      link: "lower b",
      "long/": "directory",
      [`long/${"n".repeat(200)}`]: "long",
    });
  });

  test("writes each linked file once, its other names as links", async () => {
    const merged = await contents(await merge([layerFile(buildTar([file("a", "x"), hardLink("b", "a")]))]));
    expect(Object.values(merged).sort()).toEqual(["directory", expect.stringMatching(/^link [ab]$/), "x"]);
  });

  test("of a path that is there twice the last counts", async () => {
    expect(await contents(await merge([layerFile(buildTar([file("a", "1"), file("a", "2")]))]))).toEqual({
      "./": "directory",
      a: "2",
    });
  });
});

describe("indexLayer", () => {
  test("refuses another diffID, also where only the padding differs", async () => {
    const tar = buildTar([file("a", "x")]);
    const layer = layerFile(Buffer.concat([tar, Buffer.alloc(512)]));
    const fault = await faultOf(() => merge([{ ...layer, diffId: sha256(tar) }]));
    expect(fault).toBe(
      `invalid-image: unpacks to ${layer.diffId}, expected the diffID ${sha256(tar)} of the image's configuration; build and push the image anew`,
    );
  });

  test("refuses broken and unknown compression", async () => {
    const tar = buildTar([file("a", Buffer.alloc(9000, "ab"))]);
    const cut = (compressed: Buffer) => compressed.subarray(0, compressed.length - 20);
    expect(await faultOf(() => merge([layerFile(tar, (t) => cut(gzipSync(t)))]))).toStartWith(
      "invalid-image: ",
    );
    expect(await faultOf(() => merge([layerFile(tar, (t) => cut(zstdCompressSync(t)))]))).toStartWith(
      "invalid-image: ",
    );
    const xz = Buffer.from("fd377a585a000000", "hex");
    expect(await faultOf(() => merge([layerFile(tar, () => xz)]))).toContain("compressed with xz or bzip2");
  });

  test("stops at each limit", async () => {
    const many = layerFile(buildTar(Array.from({ length: 50 }, (_, index) => file(`f${index}`))));
    expect(await faultOf(() => merge([many], { ...defaultLimits, maxEntries: 49 }))).toBe(
      "invalid-image: image is over this host's limit: more than 49 entries; make it smaller",
    );
    expect(await faultOf(() => merge([many], { ...defaultLimits, maxDirectoryEntries: 48 }))).toContain(
      "more than 48 entries in a directory",
    );
    expect(await faultOf(() => merge([many], { ...defaultLimits, maxMetadataBytes: 100 }))).toContain(
      "more than 100 bytes of paths and attributes",
    );
    const bomb = layerFile(buildTar([file("zeros", Buffer.alloc(4 << 20))]), (tar) => gzipSync(tar));
    expect(await faultOf(() => merge([bomb], { ...defaultLimits, maxUncompressedBytes: 1 << 20 }))).toContain(
      "more than 1048576 bytes uncompressed",
    );
    expect(await faultOf(() => merge([bomb], { ...defaultLimits, ratioFloorBytes: 1 << 20 }))).toContain(
      "over 200 times",
    );
    expect(await faultOf(() => merge([bomb]))).toBe("none");
  });
});
