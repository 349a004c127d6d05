const firstBytes = 4096;

/** Bytes that wait to be taken, in one buffer however small the pieces are that they come in. */
export class ByteBuffer {
  readonly #usualBytes: number;
  #buffer: Buffer | undefined;
  #length = 0;

  /** `usualBytes` is what is held at most as a rule: growth stops there unless more comes. */
  constructor(usualBytes: number) {
    this.#usualBytes = usualBytes;
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  append(bytes: Buffer): void {
    const needed = this.#length + bytes.length;
    if (!this.#buffer || this.#buffer.length < needed) {
      const size = Math.min(Math.max(needed * 2, firstBytes), Math.max(needed, this.#usualBytes));
      const larger = Buffer.allocUnsafeSlow(size);
      this.#buffer?.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    bytes.copy(this.#buffer, this.#length);
    this.#length = needed;
  }

  /** All bytes that wait, for the caller to own; undefined where there are none. */
  take(): Buffer | undefined {
    if (!this.#buffer || this.#length === 0) return undefined;
    const bytes = this.#buffer.subarray(0, this.#length);
    this.#buffer = undefined;
    this.#length = 0;
    return bytes;
  }
}
