import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

const readBytes = 1 << 18;

/** A blob on its way to the disk: a file open for appending, and the hash of what it holds. */
export class PartialBlob {
  readonly #file: FileHandle;
  readonly #algorithm: string;
  #hash: Hash;
  #length = 0;

  private constructor(file: FileHandle, digest: string) {
    this.#file = file;
    this.#algorithm = digest.split(":")[0] ?? "";
    this.#hash = createHash(this.#algorithm);
  }

  /** Goes on with what an earlier attempt left in the file. */
  static async resume(file: FileHandle, digest: string): Promise<PartialBlob> {
    const blob = new PartialBlob(file, digest);
    const buffer = Buffer.alloc(readBytes);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, readBytes, blob.#length);
      if (bytesRead === 0) return blob;
      blob.#hash.update(buffer.subarray(0, bytesRead));
      blob.#length += bytesRead;
    }
  }

  get length(): number {
    return this.#length;
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let written = 0; written < chunk.length; ) {
      const { bytesWritten } = await this.#file.write(chunk, written, chunk.length - written);
      written += bytesWritten;
    }
    this.#hash.update(chunk);
    this.#length += chunk.length;
  }

  /** Forgets what was there. */
  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#hash = createHash(this.#algorithm);
    this.#length = 0;
  }

  digest(): string {
    return `${this.#algorithm}:${this.#hash.copy().digest("hex")}`;
  }

  /** Resolves when the content is durable. */
  async sync(): Promise<void> {
    await this.#file.sync();
  }
}
