import { Readable } from "node:stream";

const maxBufferedBytes = 1 << 20;

/**
 * A copy of a container's output for somebody who watches. The log goes on whatever the watcher does: one who falls a
 * mebibyte behind is cut off with an error.
 */
export class AttachOutput extends Readable {
  readonly #onClosed: () => void;

  /** `onClosed` is called once when the stream has ended, was cut off or destroyed. */
  constructor(onClosed: () => void) {
    super({ highWaterMark: maxBufferedBytes });
    this.#onClosed = onClosed;
    this.on("error", () => {});
  }

  add(bytes: Buffer): void {
    if (this.destroyed) return;
    const isFull = this.readableLength + bytes.length > maxBufferedBytes;
    if (isFull) this.destroy(new Error(`The reader of the attachment is ${maxBufferedBytes} bytes behind`));
    else this.push(bytes);
  }

  finish(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#onClosed();
    done(error);
  }
}
