import { ImageError } from "../image-service.ts";
import type { SparsePiece } from "./entry.ts";
import type { StreamCursor } from "./stream-cursor.ts";
import { blockBytes, tarNumber } from "./tar-header.ts";

/** The sparse formats of GNU tar ("Storing Sparse Files" in its manual): old GNU, PAX 0.0, 0.1 and 1.0. */
export interface SparseMap {
  readonly pieces: readonly SparsePiece[];
  readonly sizeBytes: number;
  /** Bytes of the entry's data that the map itself took. */
  readonly mapBytes: number;
}

const maxPieces = 100_000;

/** Reads the map in an old GNU header (type `S`) and the blocks that continue it. */
export async function readOldGnuMap(header: Buffer, cursor: StreamCursor): Promise<SparseMap> {
  const sizeBytes = tarNumber(header, 483, 12);
  const pieces = piecesOf(header, 386, 4);
  let more = header[482] === 1;
  while (more) {
    const block = await cursor.read(blockBytes);
    if (block.length < blockBytes || pieces.length > maxPieces) throw broken();
    pieces.push(...piecesOf(block, 0, 21));
    more = block[504] === 1;
  }
  return { pieces, sizeBytes, mapBytes: 0 };
}

/** Reads the map of a PAX header or, in version 1.0, of the entry's first data blocks; undefined if not sparse. */
export async function readPaxMap(
  records: ReadonlyMap<string, string>,
  cursor: StreamCursor,
): Promise<SparseMap | undefined> {
  const sizeBytes = Number(records.get("GNU.sparse.realsize") ?? records.get("GNU.sparse.size"));
  const map = records.get("GNU.sparse.map");
  if (map !== undefined) return { pieces: pair(map.split(",").map(Number)), sizeBytes, mapBytes: 0 };
  if (records.get("GNU.sparse.major") !== "1") return undefined;
  const start = cursor.position;
  const numbers: number[] = [];
  let rest = "";
  while (numbers.length === 0 || numbers.length < 1 + 2 * (numbers[0] ?? 0)) {
    const block = await cursor.read(blockBytes);
    if (block.length < blockBytes || numbers.length > 2 * maxPieces) throw broken();
    const lines = (rest + block.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    numbers.push(...lines.map(Number));
  }
  const pieces = pair(numbers.slice(1, 1 + 2 * (numbers[0] ?? 0)));
  return { pieces, sizeBytes, mapBytes: cursor.position - start };
}

/** Throws `invalid-image` unless the pieces are in order, apart, within the file and as long as what is stored. */
export function checkSparseMap(map: SparseMap, storedBytes: number): void {
  let end = 0;
  let total = 0;
  for (const { offset, length } of map.pieces) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length)) throw broken();
    if (length < 0 || offset < end) throw broken();
    end = offset + length;
    total += length;
  }
  if (!Number.isSafeInteger(map.sizeBytes) || end > map.sizeBytes || total !== storedBytes) throw broken();
}

function piecesOf(block: Buffer, start: number, count: number): SparsePiece[] {
  const pieces: SparsePiece[] = [];
  for (let at = start; at < start + count * 24; at += 24) {
    if (block[at] === 0) break;
    pieces.push({ offset: tarNumber(block, at, 12), length: tarNumber(block, at + 12, 12) });
  }
  return pieces;
}

function pair(numbers: readonly number[]): SparsePiece[] {
  if (numbers.length % 2 !== 0 || numbers.length > 2 * maxPieces) throw broken();
  const pieces: SparsePiece[] = [];
  for (let index = 0; index < numbers.length; index += 2) {
    pieces.push({ offset: numbers[index] ?? Number.NaN, length: numbers[index + 1] ?? Number.NaN });
  }
  return pieces;
}

function broken(): ImageError {
  return new ImageError("invalid-image", "tar archive has a sparse file with a broken map");
}
