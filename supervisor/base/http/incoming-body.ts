/** How many bytes a body keeps for a slow reader before the sender is held up. */
const highWaterBytes = 64 * 1024;

export interface BodySource {
  /** The reader wants bytes: go on reading. Called for the first time when the body is read at all. */
  wanted(): void;
  /** Enough is kept: stop reading. */
  full(): void;
  /** Nobody reads the rest. */
  discarded(): void;
}

/** A message's body on its way from the parser to whoever reads it. */
export class IncomingBody {
  readonly #source: BodySource;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  #ended = false;
  #error: Error | undefined;
  #discarded = false;
  #wake: (() => void) | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(bytes: Buffer): void {
    if (this.#discarded) return;
    this.#chunks.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#bufferedBytes >= highWaterBytes) this.#source.full();
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The body will not come: readers get this error after what has come. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#error ??= error;
    this.#wake?.();
  }

  /** Nobody reads it (any more): what comes is dropped. */
  discard(): void {
    this.#discarded = true;
    this.#chunks = [];
    this.#bufferedBytes = 0;
    this.#source.discarded();
  }

  /** All of it, for a body that has ended. */
  takeAll(): Buffer {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#chunks = [];
    return all;
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const chunk = await this.#read();
          if (chunk === undefined) controller.close();
          else controller.enqueue(chunk);
        },
        cancel: () => this.discard(),
      },
      { highWaterMark: 0 },
    );
  }

  async #read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bufferedBytes -= chunk.length;
        if (this.#bufferedBytes < highWaterBytes) this.#source.wanted();
        return chunk;
      }
      if (this.#ended) return undefined;
      if (this.#error !== undefined) throw this.#error;
      this.#source.wanted();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
