import { Readable } from "node:stream";
import { ByteBuffer } from "../channel/byte-buffer.ts";

const maxBufferedBytes = 1 << 20;

/**
 * A copy of a container's output for somebody who watches. The log goes on whatever the watcher does: one who falls a
 * mebibyte behind is cut off with an error.
 */
export class AttachOutput extends Readable {
  readonly #onClosed: () => void;
  readonly #waiting = new ByteBuffer(maxBufferedBytes);
  #isWanted = false;
  #isFinished = false;

  /** `onClosed` is called once when the stream has ended, was cut off or destroyed. */
  constructor(onClosed: () => void) {
    super({ highWaterMark: 16 << 10 });
    this.#onClosed = onClosed;
    this.on("error", () => {});
  }

  add(bytes: Buffer): void {
    if (this.destroyed) return;
    const isFull = this.readableLength + this.#waiting.length + bytes.length > maxBufferedBytes;
    if (isFull) this.destroy(new Error(`The reader of the attachment is ${maxBufferedBytes} bytes behind`));
    else this.#waiting.append(bytes);
    this.#pass();
  }

  finish(): void {
    this.#isFinished = true;
    this.#pass();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#pass();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#waiting.take();
    this.#onClosed();
    done(error);
  }

  /** Bytes wait here rather than in the stream, where each of a million small pieces would cost its own memory. */
  #pass(): void {
    if (!this.#isWanted || this.destroyed) return;
    const bytes = this.#waiting.take();
    if (!bytes && !this.#isFinished) return;
    this.#isWanted = false;
    this.push(bytes ?? null);
  }
}
