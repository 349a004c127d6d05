import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { formatExt4 } from "../../../format-ext4.ts";
import { libc } from "../template/libc.ts";

/** A piece of an empty disk that is not all zeros. */
interface Chunk {
  readonly at: number;
  readonly bytes: Buffer;
}

// linux/fs.h
const seekData = 3;
const seekHole = 4;
/** A file system of the greatest size has 1.1 MiB of data when it is empty; more means that the host keeps the zeros. */
const mostBytes = 16 << 20;
const journalMebibytes = 8;

/**
 * The features are named one by one, as `mke2fs.conf` differs from host to host: no checksums, which TCG pays for, and
 * nothing to be written for groups that are empty. All groups' tables lie together at the start.
 */
const formatOptions = [
  ...["-q", "-F", "-b", "4096", "-I", "256", "-i", "16384", "-m", "0", "-G", "4096"],
  "-O",
  "none,has_journal,ext_attr,dir_index,filetype,extent,flex_bg,large_file,huge_file,uninit_bg,dir_nlink,extra_isize,sparse_super2",
  "-E",
  "num_backup_sb=0,lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0",
  "-J",
  `size=${journalMebibytes}`,
];

/**
 * An empty ext4 file system of a certain size, kept as the few hundred kilobytes that are not zeros: a new disk is a file
 * with holes and those.
 */
export class DiskTemplate {
  readonly sizeBytes: number;
  readonly #chunks: readonly Chunk[];

  private constructor(sizeBytes: number, chunks: readonly Chunk[]) {
    this.sizeBytes = sizeBytes;
    this.#chunks = chunks;
  }

  /** By `mkfs.ext4`. Throws where that is missing or fails, or the folder's file system has no files with holes. */
  static async make(folder: string, sizeBytes: number): Promise<DiskTemplate> {
    const temporary = await mkdtemp(join(folder, "template-"));
    try {
      const path = join(temporary, "disk.ext4");
      const file = await open(path, "wx+", 0o600);
      try {
        await file.truncate(sizeBytes);
        await format(path);
        return await DiskTemplate.read(file);
      } finally {
        await file.close();
      }
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  /** A disk as it is now. Throws where it holds too much to be kept. */
  static async read(file: FileHandle): Promise<DiskTemplate> {
    return new DiskTemplate((await file.stat()).size, await readChunks(file));
  }

  /** Makes an empty, new file into a disk. Throws what the host's file system says. */
  async write(file: FileHandle): Promise<void> {
    await file.truncate(this.sizeBytes);
    for (const { at, bytes } of this.#chunks) await file.write(bytes, 0, bytes.length, at);
  }
}

async function format(path: string): Promise<void> {
  const complaint = await formatExt4(path, formatOptions, { MKE2FS_CONFIG: "/dev/null" });
  if (complaint !== undefined) throw new Error(`mkfs.ext4 failed: ${complaint}`);
}

async function readChunks(file: FileHandle): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  let total = 0;
  for (let end = 0; ; ) {
    const at = seek(file, end, seekData);
    if (at < 0) return chunks;
    end = seek(file, at, seekHole);
    total += end - at;
    if (total > mostBytes) throw new Error("The data folder's file system keeps no holes in files");
    const bytes = Buffer.alloc(end - at);
    await file.read(bytes, 0, bytes.length, at);
    chunks.push({ at, bytes });
  }
}

/** The next data or hole; below 0 where there is none. */
function seek(file: FileHandle, from: number, what: number): number {
  return Number(libc().lseek(file.fd, from, what));
}
