import { ByteBuffer } from "./byte-buffer.ts";
import { ProtocolError, streamWindowBytes } from "./protocol.ts";

/**
 * The bytes of one stream on their way from the guest. Holds at most the window, in one buffer, however the guest cuts
 * its frames; more comes only after {@link acknowledge}.
 */
export class InboundStream {
  readonly id: number;
  readonly #sendCredit: (consumed: number) => void;
  readonly #waiting = new ByteBuffer(streamWindowBytes);
  #received: number;
  #limit: number;
  #finished = false;
  #error: Error | undefined;
  #onReadable: () => void = () => {};

  constructor(id: number, offset: number, sendCredit: (consumed: number) => void) {
    this.id = id;
    this.#received = offset;
    this.#limit = offset + streamWindowBytes;
    this.#sendCredit = sendCredit;
  }

  /** Called whenever {@link take}, {@link ended} or {@link error} has news. One listener; set at once after attaching. */
  onReadable(listener: () => void): void {
    this.#onReadable = listener;
  }

  /** The stream offset after all that was received. */
  get received(): number {
    return this.#received;
  }

  /** How many bytes have arrived and were not taken yet. */
  get buffered(): number {
    return this.#waiting.length;
  }

  /** True when the guest has sent all and all has been taken. */
  get ended(): boolean {
    return this.#finished && this.#waiting.length === 0;
  }

  /** Why the stream broke, if it did; what was received before can still be taken. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** All bytes that have arrived and were not taken yet; the caller owns them. */
  take(): Buffer | undefined {
    return this.#waiting.take();
  }

  /** Tells the guest that it may forget all before `offset` and send a window more. */
  acknowledge(offset: number): void {
    this.#limit = Math.max(this.#limit, offset + streamWindowBytes);
    if (!this.#error) this.#sendCredit(offset);
  }

  /** Takes a frame's bytes. Throws {@link ProtocolError} for a gap or bytes beyond the credit. */
  receive(offset: number, bytes: Buffer, isLast: boolean): void {
    if (this.#finished || this.#error)
      throw new ProtocolError(`The guest sent data after the end of stream ${this.id}`);
    if (offset !== this.#received) {
      throw new ProtocolError(
        `The guest continued stream ${this.id} at ${offset}, expected ${this.#received}`,
      );
    }
    if (offset + bytes.length > this.#limit)
      throw new ProtocolError(`The guest sent beyond the credit of stream ${this.id}`);
    this.#waiting.append(bytes);
    this.#received += bytes.length;
    this.#finished = isLast;
    this.#onReadable();
  }

  /** The stream is broken or its machine gone. */
  fail(error: Error): void {
    if (this.#error || this.#finished) return;
    this.#error = error;
    this.#onReadable();
  }
}
