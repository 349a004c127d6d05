import { Writable } from "node:stream";

interface Chunk {
  readonly bytes: Buffer;
  readonly isLast: boolean;
  done(error?: Error | null): void;
}

/** Sends `bytes` as the stream's part at `offset`; with `isLast` nothing comes after them. */
export type SendData = (offset: number, bytes: Buffer, isLast: boolean) => void;

/** A stream to the guest: a node stream that sends as much as the guest has given credit for, and waits otherwise. */
export class OutboundStream extends Writable {
  readonly id: number;
  readonly #sendData: SendData;
  #sent: number | undefined;
  #limit = 0;
  #waiting: Chunk | undefined;

  constructor(id: number, sendData: SendData) {
    super({ highWaterMark: 16 << 10, emitClose: true });
    this.id = id;
    this.#sendData = sendData;
    // Who writes hears of an error through its own callback; a stream without a reader of errors must not end the daemon.
    this.on("error", () => {});
  }

  /** The guest has all before `consumed` and takes bytes up to `limit`. The first credit tells where to continue. */
  credit(consumed: number, limit: number): void {
    this.#sent ??= consumed;
    this.#limit = Math.max(this.#limit, limit);
    this.#flush();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#waiting = { bytes, isLast: false, done };
    this.#flush();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#waiting = { bytes: Buffer.alloc(0), isLast: true, done };
    this.#flush();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.done(error ?? new Error("The stream was closed"));
    done(error);
  }

  #flush(): void {
    const waiting = this.#waiting;
    if (!waiting || this.#sent === undefined) return;
    const room = this.#limit - this.#sent;
    if (room <= 0 && waiting.bytes.length > 0) return;
    const part = waiting.bytes.subarray(0, room);
    const isAll = part.length === waiting.bytes.length;
    this.#sendData(this.#sent, part, isAll && waiting.isLast);
    this.#sent += part.length;
    this.#waiting = isAll ? undefined : { ...waiting, bytes: waiting.bytes.subarray(part.length) };
    if (isAll) waiting.done();
  }
}
