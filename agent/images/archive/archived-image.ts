import type { FileRegion } from "../layers/file-region.ts";

/** One image in an archive. */
export interface ArchivedImage {
  /** The digest of its configuration. */
  readonly id: string;
  readonly configText: string;
  readonly layers: readonly ArchivedLayer[];
  /** The names in the archive, as they stand there. */
  readonly names: readonly string[];
  /** Of its manifest, in formats that have one. */
  readonly manifestDigest?: string;
}

interface ArchivedLayer extends FileRegion {
  /** How messages name it. */
  readonly name: string;
  /** Of the bytes as they lie in the archive, in formats that say it. */
  readonly digest?: string;
}

/** The most that a manifest or configuration in an archive may have. */
export const maxDocumentBytes = 8 << 20;
