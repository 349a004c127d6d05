import { Duplex } from "node:stream";

/** What a stream needs of its connection. */
export interface SpdyCarrier {
  /** Resolves when the bytes are handed on and more may come. */
  sendData(stream: SpdyStream, bytes: Buffer): Promise<void>;
  sendEnd(streamId: number): void;
  sendReset(streamId: number): void;
  consumed(streamId: number, bytes: number): void;
  forget(streamId: number): void;
}

/** One stream that the client opened. */
export class SpdyStream extends Duplex {
  readonly streamId: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly #carrier: SpdyCarrier;
  #receivedEnd = false;
  #sentEnd = false;
  #wasReset = false;
  #resume: (() => void) | undefined;

  constructor(streamId: number, headers: ReadonlyMap<string, string>, carrier: SpdyCarrier) {
    super({ allowHalfOpen: true, readableHighWaterMark: 64 * 1024 });
    this.streamId = streamId;
    this.headers = headers;
    this.#carrier = carrier;
  }

  /** Resolves when the stream takes more. */
  async receive(bytes: Buffer): Promise<void> {
    if (this.destroyed || this.#receivedEnd || bytes.length === 0) return;
    if (!this.push(bytes)) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    this.#carrier.consumed(this.streamId, bytes.length);
  }

  receiveEnd(): void {
    if (this.#receivedEnd || this.destroyed) return;
    this.#receivedEnd = true;
    this.push(null);
  }

  /** The client gave the stream up, or the connection is gone. */
  cut(error?: Error): void {
    this.#wasReset = true;
    this.destroy(error);
  }

  override _read(): void {
    this.#resume?.();
    this.#resume = undefined;
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.#carrier.sendData(this, chunk).then(() => callback(), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#sentEnd = true;
    this.#carrier.sendEnd(this.streamId);
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#resume?.();
    if (!this.#wasReset && !(this.#sentEnd && this.#receivedEnd)) this.#carrier.sendReset(this.streamId);
    this.#carrier.forget(this.streamId);
    callback(error);
  }
}
