import { ImageError } from "../image-service.ts";
import { decompressRegion } from "./file-region.ts";
import type { Layer } from "./layer-index.ts";
import type { LeafNode, MergedTree, TreeNode } from "./merged-tree.ts";
import { StreamCursor } from "./stream-cursor.ts";
import { paddingBytes, tarEnd, tarHeader } from "./tar-writer.ts";

export interface MergedTarOptions {
  readonly signal: AbortSignal;
  /** Told how many bytes of a layer have been read so far. */
  readonly onRead: (layer: number, compressedBytes: number) => void;
}

interface ContentFile {
  readonly path: string;
  readonly node: LeafNode;
}

/** What the tree's walk leaves for later: content by layer, and further names of a node. */
interface Deferred {
  readonly files: ContentFile[][];
  readonly links: { readonly path: string; readonly target: string; readonly node: LeafNode }[];
}

const headersPerBatch = 256;
const zeros = Buffer.alloc(1 << 16);

/**
 * The second pass: one tar archive of the merged tree. First all that has no content, then each layer's files in the
 * order in which that layer has them (so each layer is read once, from start to end), then the hard links.
 */
export async function* mergedTar(
  tree: MergedTree,
  layers: readonly Layer[],
  options: MergedTarOptions,
): AsyncGenerator<Buffer, void, void> {
  const deferred: Deferred = { files: layers.map(() => []), links: [] };
  yield* batched(withoutContent(tree, deferred));
  for (const [index, layer] of layers.entries()) {
    const files = deferred.files[index] ?? [];
    if (files.length > 0) {
      files.sort((a, b) => a.node.entry.data.offset - b.node.entry.data.offset);
      yield* layerContent(layer, files, options.signal, (bytes) => options.onRead(index, bytes));
    }
    options.onRead(index, layer.sizeBytes);
  }
  for (const { path, target, node } of deferred.links) {
    yield tarHeader({ path, type: "hard-link", linkName: target, attributes: node.entry.attributes });
  }
  yield tarEnd();
}

/** Joins small buffers: most of a big tree is headers. */
function* batched(buffers: Iterable<Buffer>): Generator<Buffer, void, void> {
  let batch: Buffer[] = [];
  for (const buffer of buffers) {
    batch.push(buffer);
    if (batch.length < headersPerBatch) continue;
    yield Buffer.concat(batch);
    batch = [];
  }
  yield Buffer.concat(batch);
}

function* withoutContent(tree: MergedTree, deferred: Deferred): Generator<Buffer, void, void> {
  const firstNames = new Map<LeafNode, string>();
  const pending: [path: string, node: TreeNode][] = [["", tree.root]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [path, node] = next;
    if (node.type === "directory") {
      yield tarHeader({
        path: path === "" ? "./" : `${path}/`,
        type: "directory",
        attributes: node.attributes,
      });
      for (const [name, child] of node.children)
        pending.push([path === "" ? name : `${path}/${name}`, child]);
      continue;
    }
    const target = node.linked ? firstNames.get(node) : undefined;
    if (target !== undefined) {
      deferred.links.push({ path, target, node });
      continue;
    }
    if (node.linked) firstNames.set(node, path);
    if (node.entry.data.sizeBytes > 0) deferred.files[node.layer]?.push({ path, node });
    else yield leafHeader(path, node);
  }
}

function leafHeader(path: string, node: LeafNode): Buffer {
  const { type, attributes, linkName, deviceMajor, deviceMinor, data } = node.entry;
  return tarHeader({
    ...{ path, type, attributes, deviceMajor, deviceMinor, sizeBytes: data.sizeBytes },
    // Only symlinks have a target; what else stands there in a layer means nothing.
    ...(type === "symlink" ? { linkName } : {}),
  });
}

async function* layerContent(
  layer: Layer,
  files: readonly ContentFile[],
  signal: AbortSignal,
  onRead: (compressedBytes: number) => void,
): AsyncGenerator<Buffer, void, void> {
  const cursor = new StreamCursor(decompressRegion(layer, onRead));
  try {
    for (const { path, node } of files) {
      signal.throwIfAborted();
      await cursor.skip(node.entry.data.offset - cursor.position);
      yield leafHeader(path, node);
      yield* fileContent(cursor, node, layer);
    }
  } finally {
    await cursor.close();
  }
}

async function* fileContent(
  cursor: StreamCursor,
  { entry: { data } }: LeafNode,
  layer: Layer,
): AsyncGenerator<Buffer, void, void> {
  const pieces = data.pieces ?? [{ offset: 0, length: data.sizeBytes }];
  let written = 0;
  for (const piece of pieces) {
    yield* zeroBytes(piece.offset - written);
    let missing = piece.length;
    while (missing > 0) {
      const bytes = await cursor.readSome(missing);
      if (bytes === undefined)
        throw new ImageError("invalid-image", `layer ${layer.name} changed while it was read`);
      missing -= bytes.length;
      yield bytes;
    }
    written = piece.offset + piece.length;
  }
  yield* zeroBytes(data.sizeBytes - written + paddingBytes(data.sizeBytes));
}

function* zeroBytes(count: number): Generator<Buffer, void, void> {
  for (let missing = count; missing > 0; missing -= zeros.length) {
    yield zeros.subarray(0, Math.min(missing, zeros.length));
  }
}
