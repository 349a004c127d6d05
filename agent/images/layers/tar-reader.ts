/**
 * Reads tar archives (POSIX ustar and PAX, GNU long names and sparse files, old V7) entry by entry without holding
 * their content. tar-stream reads neither sparse files nor tells where content lies, which the second pass needs.
 */
import { ImageError } from "../image-service.ts";
import type { EntryAttributes, EntryData, EntryType, LayerEntry } from "./entry.ts";
import { parsePaxRecords, paxNumber } from "./pax-records.ts";
import { checkSparseMap, readOldGnuMap, readPaxMap } from "./sparse-map.ts";
import type { StreamCursor } from "./stream-cursor.ts";
import { blockBytes, isZeroBlock, parseTarHeader, type TarHeader } from "./tar-header.ts";

const entryTypes: Readonly<Record<string, EntryType>> = {
  "0": "file",
  "7": "file",
  S: "file",
  "1": "hard-link",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  D: "directory",
  "6": "fifo",
};
const maxExtensionBytes = 1 << 20;
/** One for all entries without content. */
const noData: EntryData = { offset: 0, storedBytes: 0, sizeBytes: 0 };
const xattrPrefix = "SCHILY.xattr.";

/** What precedes an entry and changes it. */
interface Extensions {
  readonly global: ReadonlyMap<string, string>;
  records: ReadonlyMap<string, string>;
  longPath?: string;
  longLink?: string;
}

/**
 * Yields the entries in order; the content of each is passed over when the next is asked for. Ends at the archive's
 * end; what follows it stays unread. Throws `invalid-image` for anything that is no tar archive.
 */
export async function* readTar(cursor: StreamCursor): AsyncGenerator<LayerEntry, void, void> {
  let extensions: Extensions = { global: new Map(), records: new Map() };
  for (;;) {
    const block = cursor.readReady(blockBytes) ?? (await cursor.read(blockBytes));
    if (block.length === 0) return;
    if (block.length < blockBytes) throw truncated();
    if (isZeroBlock(block)) return await expectEnd(cursor);
    const header = parseTarHeader(block);
    if (isExtension(header)) {
      extensions = await readExtension(header, extensions, cursor);
      continue;
    }
    // The map of a sparse file is read from the stream: keep what the cursor may overwrite.
    const entry = await readEntry(
      header,
      header.typeFlag === "S" ? Buffer.from(block) : block,
      extensions,
      cursor,
    );
    const { global } = extensions;
    extensions = { global, records: new Map() };
    yield entry;
    await skipData(cursor, entry.data);
  }
}

async function expectEnd(cursor: StreamCursor): Promise<void> {
  const second = await cursor.read(blockBytes);
  if (second.length === 0 || (second.length === blockBytes && isZeroBlock(second))) return;
  throw new ImageError("invalid-image", "not a tar archive: entries follow its end");
}

function isExtension(header: TarHeader): boolean {
  return "xgXLKV".includes(header.typeFlag);
}

async function readExtension(
  header: TarHeader,
  before: Extensions,
  cursor: StreamCursor,
): Promise<Extensions> {
  const { typeFlag, storedBytes } = header;
  if (storedBytes > maxExtensionBytes || storedBytes < 0) {
    throw new ImageError(
      "invalid-image",
      `tar archive has an extended header of ${storedBytes} bytes, at most ${maxExtensionBytes} are taken`,
    );
  }
  const body = Buffer.from(await cursor.read(storedBytes));
  if (body.length < storedBytes) throw truncated();
  await skipPadding(cursor, storedBytes);
  const nul = body.indexOf(0);
  const text = body.toString("latin1", 0, nul < 0 ? body.length : nul);
  if (typeFlag === "L") return { ...before, longPath: text };
  if (typeFlag === "K") return { ...before, longLink: text };
  if (typeFlag === "V") return before;
  const records = parsePaxRecords(body);
  if (typeFlag === "g") return { ...before, global: new Map([...before.global, ...records]) };
  return { ...before, records };
}

async function readEntry(
  header: TarHeader,
  block: Buffer,
  extensions: Extensions,
  cursor: StreamCursor,
): Promise<LayerEntry> {
  const records = merged(extensions);
  let type = entryTypes[header.typeFlag];
  if (type === undefined) {
    throw new ImageError(
      "invalid-image",
      `tar archive has an entry of the unknown type ${JSON.stringify(header.typeFlag)}`,
    );
  }
  // `||`: an empty value takes a record back, POSIX pax says.
  const path = records.get("GNU.sparse.name") || records.get("path") || extensions.longPath || header.path;
  // V7 archives mark a directory by the slash alone.
  if (type === "file" && path.endsWith("/")) type = "directory";
  const storedBytes = type === "file" ? (paxNumber(records, "size") ?? header.storedBytes) : 0;
  if (storedBytes < 0) throw new ImageError("invalid-image", "tar archive has a file of negative size");
  return {
    type,
    path,
    linkName: records.get("linkpath") || extensions.longLink || header.linkName,
    attributes: attributesOf(header, records),
    deviceMajor: header.deviceMajor,
    deviceMinor: header.deviceMinor,
    data: await dataOf(header, block, storedBytes, records, cursor),
  };
}

function merged({ global, records }: Extensions): ReadonlyMap<string, string> {
  return global.size === 0 ? records : new Map([...global, ...records]);
}

function attributesOf(header: TarHeader, records: ReadonlyMap<string, string>): EntryAttributes {
  let xattrs: Map<string, string> | undefined;
  for (const [key, value] of records) {
    if (!key.startsWith(xattrPrefix)) continue;
    xattrs ??= new Map();
    xattrs.set(key.slice(xattrPrefix.length), value);
  }
  return {
    mode: header.mode,
    uid: ownerId(paxNumber(records, "uid") ?? header.uid),
    gid: ownerId(paxNumber(records, "gid") ?? header.gid),
    modifiedSeconds: paxNumber(records, "mtime") ?? header.modifiedSeconds,
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

function ownerId(id: number): number {
  if (id >= 0 && id < 2 ** 32) return id;
  throw new ImageError(
    "invalid-image",
    `tar archive has an entry with the owner ${id}, expected 0 to 4294967295`,
  );
}

async function dataOf(
  header: TarHeader,
  block: Buffer,
  storedBytes: number,
  records: ReadonlyMap<string, string>,
  cursor: StreamCursor,
): Promise<EntryData> {
  const map =
    header.typeFlag === "S" ? await readOldGnuMap(block, cursor) : await readPaxMap(records, cursor);
  if (map === undefined) {
    return storedBytes === 0 ? noData : { offset: cursor.position, storedBytes, sizeBytes: storedBytes };
  }
  const pieceBytes = storedBytes - map.mapBytes;
  checkSparseMap(map, pieceBytes);
  const { pieces, sizeBytes } = map;
  return { offset: cursor.position, storedBytes: pieceBytes, sizeBytes, pieces };
}

async function skipData(cursor: StreamCursor, data: EntryData): Promise<void> {
  if (data.storedBytes === 0) return;
  if ((await cursor.skip(data.storedBytes)) < data.storedBytes) throw truncated();
  await skipPadding(cursor, data.storedBytes);
}

async function skipPadding(cursor: StreamCursor, bytes: number): Promise<void> {
  const padding = -bytes & (blockBytes - 1);
  if ((await cursor.skip(padding)) < padding) throw truncated();
}

function truncated(): ImageError {
  return new ImageError("invalid-image", "tar archive ends in the middle");
}
