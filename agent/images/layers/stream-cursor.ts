/** Reads a stream of chunks by exact numbers of bytes, and knows its position. */
export class StreamCursor {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #used = 0;
  #position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Bytes read or skipped so far. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes if they lie ready in one chunk; valid until the next call. The quick path beside {@link read}. */
  readReady(length: number): Buffer | undefined {
    if (this.#chunk.length - this.#used < length) return undefined;
    const bytes = this.#chunk.subarray(this.#used, this.#used + length);
    this.#used += length;
    this.#position += length;
    return bytes;
  }

  /** The next bytes, fewer only at the end of the stream. */
  async read(length: number): Promise<Buffer> {
    const ready = this.readReady(length);
    if (ready !== undefined) return ready;
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const part = await this.readSome(missing);
      if (part === undefined) break;
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** At least one and at most `limit` bytes, or undefined at the end of the stream. */
  async readSome(limit: number): Promise<Buffer | undefined> {
    while (this.#used === this.#chunk.length) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      const { buffer, byteOffset, byteLength } = next.value;
      this.#chunk = Buffer.from(buffer, byteOffset, byteLength);
      this.#used = 0;
    }
    return this.readReady(Math.min(limit, this.#chunk.length - this.#used));
  }

  /** Passes over bytes; returns how many there were, fewer only at the end of the stream. */
  async skip(length: number): Promise<number> {
    let missing = length;
    while (missing > 0) {
      const part = await this.readSome(missing);
      if (part === undefined) break;
      missing -= part.length;
    }
    return length - missing;
  }

  /** Ends the stream early. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
