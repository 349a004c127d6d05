import { Readable } from "node:stream";
import type { InboundStream } from "./inbound-stream.ts";

/** A stream from the guest as a node stream. The guest gets credit only as fast as somebody reads. */
export class InboundReadable extends Readable {
  readonly #stream: InboundStream;
  readonly #onClosed: () => void;
  #isWanted = false;

  /** `onClosed` is called once when the stream has ended, broken or was destroyed. */
  constructor(stream: InboundStream, onClosed: () => void) {
    super({ highWaterMark: 16 << 10 });
    this.#stream = stream;
    this.#onClosed = onClosed;
    stream.onReadable(() => this.#pass());
    // A machine that goes while nobody reads must not end the daemon; readers get the error all the same.
    this.on("error", () => {});
  }

  override _read(): void {
    this.#isWanted = true;
    this.#pass();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#onClosed();
    done(error);
  }

  #pass(): void {
    if (!this.#isWanted || this.destroyed) return;
    const bytes = this.#stream.take();
    if (bytes) {
      this.#isWanted = false;
      this.#stream.acknowledge(this.#stream.received);
      this.push(bytes);
    } else if (this.#stream.ended) {
      this.#isWanted = false;
      this.push(null);
    } else if (this.#stream.error) {
      this.destroy(this.#stream.error);
    }
  }
}
