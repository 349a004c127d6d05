/**
 * One entry of a layer. All texts of a tar archive (paths, link targets, values of attributes) are byte strings: each
 * character is one byte, so that a name that is no UTF-8 passes through unchanged. {@link readable} is for messages.
 */
export interface LayerEntry {
  readonly type: EntryType;
  /** The path as the archive has it. */
  readonly path: string;
  readonly attributes: EntryAttributes;
  /** Of a symlink its target, of a hard link the path of the entry it links to. */
  readonly linkName: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  readonly data: EntryData;
}

export type EntryType = "file" | "directory" | "symlink" | "hard-link" | "character" | "block" | "fifo";

export interface EntryAttributes {
  /** The permission bits with set-uid, set-gid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedSeconds: number;
  /** Extended attributes by name, `security.capability`. */
  readonly xattrs?: ReadonlyMap<string, string>;
}

/** Where a file's content lies in the archive. */
export interface EntryData {
  /** Offset of the first stored byte from the start of the uncompressed archive. */
  readonly offset: number;
  readonly storedBytes: number;
  /** The file's size; more than is stored where the file is sparse. */
  readonly sizeBytes: number;
  /** For a sparse file the stored pieces in order; all between them is zeros. */
  readonly pieces?: readonly SparsePiece[];
}

export interface SparsePiece {
  readonly offset: number;
  readonly length: number;
}

/** A byte string as people read it, for messages. */
export function readable(byteString: string): string {
  const text = Buffer.from(byteString, "latin1").toString("utf8");
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text).slice(1, -1);
}
