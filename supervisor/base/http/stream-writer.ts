import type { Duplex } from "node:stream";

/** The other side has not taken anything for the time allowed. */
class WriteStalledError extends Error {
  override readonly name = "WriteStalledError";
}

/** Writes to a stream at the pace of its reader. */
export class StreamWriter {
  readonly #stream: Duplex;
  readonly #stallMs: number;

  constructor(stream: Duplex, stallMs: number) {
    this.#stream = stream;
    this.#stallMs = stallMs;
  }

  /** Writes without waiting; what the reader does not take is kept. */
  write(bytes: string | Uint8Array): boolean {
    if (this.#stream.destroyed || this.#stream.writableEnded) return true;
    return this.#stream.write(bytes);
  }

  /** What was written and not yet taken. */
  get pendingBytes(): number {
    return this.#stream.writableLength;
  }

  /**
   * Resolves when the stream takes more again, or has closed. Throws {@link WriteStalledError} and destroys the stream
   * when its reader takes nothing for the allowed time.
   */
  async drained(): Promise<void> {
    const stream = this.#stream;
    if (!stream.writableNeedDrain || stream.destroyed) return;
    const stalled = await new Promise<boolean>((resolve) => {
      const finish = (timedOut: boolean) => () => {
        clearTimeout(timer);
        stream.off("drain", onDrain);
        stream.off("close", onDrain);
        resolve(timedOut);
      };
      const onDrain = finish(false);
      const timer = setTimeout(finish(true), this.#stallMs);
      stream.on("drain", onDrain);
      stream.on("close", onDrain);
    });
    if (!stalled) return;
    stream.destroy();
    throw new WriteStalledError(`The reader took nothing for ${this.#stallMs} ms`);
  }
}
