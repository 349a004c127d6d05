import { open } from "node:fs/promises";
import { posix } from "node:path";
import { ImageError } from "../image-service.ts";
import { readable } from "../layers/entry.ts";
import { decompressRegion, type FileRegion } from "../layers/file-region.ts";
import { StreamCursor } from "../layers/stream-cursor.ts";
import { readTar } from "../layers/tar-reader.ts";

const maxFiles = 100_000;
const maxLinks = 10;

/** The files of an uncompressed tar archive: where they lie in it. Nothing is ever unpacked. */
export class ArchiveIndex {
  readonly #path: string;
  readonly #files = new Map<string, { readonly offset: number; readonly sizeBytes: number }>();
  readonly #links = new Map<string, string>();

  private constructor(path: string) {
    this.#path = path;
  }

  /** Reads the headers of an archive. Throws `invalid-image`; the signal's reason when it aborts. */
  static async read(archive: FileRegion, signal: AbortSignal): Promise<ArchiveIndex> {
    const index = new ArchiveIndex(archive.path);
    const cursor = new StreamCursor(decompressRegion(archive));
    try {
      for await (const { type, path, linkName, data } of readTar(cursor)) {
        signal.throwIfAborted();
        const name = posix.normalize(`/${path}`);
        if (type === "file" && data.pieces === undefined) {
          index.#files.set(name, { offset: data.offset, sizeBytes: data.sizeBytes });
        }
        // Old versions of `docker save` link to a layer that two images share.
        if (type === "symlink") index.#links.set(name, posix.resolve(posix.dirname(name), linkName));
        if (type === "hard-link") index.#links.set(name, posix.normalize(`/${linkName}`));
        if (index.#files.size + index.#links.size > maxFiles) {
          throw new ImageError("invalid-image", `archive holds more than ${maxFiles} files`);
        }
      }
      return index;
    } finally {
      await cursor.close();
    }
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Where a file lies. Throws `invalid-image` where it is absent. */
  region(name: string): FileRegion {
    const found = this.#find(name);
    if (found === undefined)
      throw new ImageError(
        "invalid-image",
        `archive lacks ${readable(name)}: it is cut off or was not made whole`,
      );
    return { path: this.#path, ...found };
  }

  /** A small file's text. Throws `invalid-image` where it is absent or longer than `limitBytes`. */
  async text(name: string, limitBytes: number): Promise<string> {
    const { offset, sizeBytes } = this.region(name);
    if (sizeBytes > limitBytes) {
      throw new ImageError(
        "invalid-image",
        `${readable(name)} in the archive has more than ${limitBytes} bytes`,
      );
    }
    const file = await open(this.#path, "r");
    try {
      const buffer = Buffer.alloc(sizeBytes);
      const { bytesRead } = await file.read(buffer, 0, sizeBytes, offset);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  #find(name: string): { readonly offset: number; readonly sizeBytes: number } | undefined {
    let path = posix.normalize(`/${name}`);
    for (let links = 0; links <= maxLinks; links++) {
      const file = this.#files.get(path);
      if (file !== undefined) return file;
      const target = this.#links.get(path);
      if (target === undefined) return undefined;
      path = target;
    }
    return undefined;
  }
}
