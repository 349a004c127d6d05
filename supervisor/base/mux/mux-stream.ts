import { Duplex } from "node:stream";
import { initialCreditBytes, maxPayloadBytes } from "./frame.ts";
import { MuxError } from "./mux-error.ts";

/** What a stream needs of its multiplexer. */
export interface StreamCarrier {
  /** The stream has something to send now, and credit for it: give it turns. */
  ready(stream: MuxStream): void;
  sendCredit(streamId: number, bytes: number): void;
  sendReset(streamId: number, message: string): void;
  forget(streamId: number): void;
}

/** Credit is given back when this much was consumed, so that small reads do not each cost a frame. */
const creditStepBytes = initialCreditBytes / 4;

/** One stream of a multiplexer. It can be half closed, and breaks alone. */
export class MuxStream extends Duplex {
  readonly streamId: number;
  readonly #carrier: StreamCarrier;
  #sendCreditBytes = initialCreditBytes;
  #outgoing: Buffer = Buffer.alloc(0);
  #written: ((error?: Error | null) => void) | undefined;
  #ending: ((error?: Error | null) => void) | undefined;
  #sentEnd = false;
  /** What the other side may still send before it is given more credit. */
  #receiveBytes = initialCreditBytes;
  #consumedBytes = 0;
  #incoming: Buffer[] = [];
  #receivedEnd = false;
  #wanted = false;
  #wasReset = false;

  constructor(streamId: number, carrier: StreamCarrier) {
    super({ allowHalfOpen: true });
    this.streamId = streamId;
    this.#carrier = carrier;
  }

  /** True when {@link nextPayload} would give something. */
  get canSend(): boolean {
    return (this.#outgoing.length > 0 && this.#sendCreditBytes > 0) || this.#canEnd;
  }

  get #canEnd(): boolean {
    return this.#ending !== undefined && this.#outgoing.length === 0 && !this.#sentEnd;
  }

  /** The next bytes to send; "end" after the last. Only when {@link canSend}. */
  nextPayload(): Buffer | "end" {
    if (this.#canEnd) {
      this.#sentEnd = true;
      this.#settle("ending");
      return "end";
    }
    const length = Math.min(this.#outgoing.length, this.#sendCreditBytes, maxPayloadBytes);
    const payload = this.#outgoing.subarray(0, length);
    this.#outgoing = this.#outgoing.subarray(length);
    this.#sendCreditBytes -= length;
    if (this.#outgoing.length === 0) this.#settle("written");
    return payload;
  }

  /** Throws {@link MuxError} where the other side broke the rules. */
  receiveData(bytes: Buffer): void {
    if (this.#receivedEnd) throw new MuxError("protocol", `Stream ${this.streamId} got data after its end`);
    this.#receiveBytes -= bytes.length;
    if (this.#receiveBytes < 0)
      throw new MuxError("protocol", `Stream ${this.streamId} got more than its credit`);
    this.#incoming.push(bytes);
    if (this.#wanted) this.#deliver();
  }

  receiveEnd(): void {
    this.#receivedEnd = true;
    if (this.#wanted) this.#deliver();
  }

  /** Throws {@link MuxError} where the other side broke the rules. */
  receiveCredit(bytes: number): void {
    this.#sendCreditBytes += bytes;
    if (this.#sendCreditBytes > initialCreditBytes) {
      throw new MuxError("protocol", `Stream ${this.streamId} got more credit than it used`);
    }
    if (this.canSend) this.#carrier.ready(this);
  }

  receiveReset(message: string): void {
    this.#wasReset = true;
    this.destroy(new MuxError("reset", message === "" ? "The other side closed the stream" : message));
  }

  /** The connection is gone. */
  cut(error: MuxError): void {
    this.#wasReset = true;
    this.destroy(error);
  }

  override _read(): void {
    this.#wanted = true;
    this.#deliver();
  }

  #deliver(): void {
    while (this.#wanted && !this.destroyed) {
      const bytes = this.#incoming.shift();
      if (bytes === undefined) break;
      this.#wanted = this.push(bytes);
      this.#consumedBytes += bytes.length;
    }
    if (this.#consumedBytes >= creditStepBytes && !this.#receivedEnd) {
      this.#receiveBytes += this.#consumedBytes;
      this.#carrier.sendCredit(this.streamId, this.#consumedBytes);
      this.#consumedBytes = 0;
    }
    if (this.#receivedEnd && this.#incoming.length === 0 && !this.readableEnded) {
      this.#wanted = false;
      this.push(null);
    }
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.#outgoing = chunk;
    this.#written = callback;
    if (chunk.length === 0) this.#settle("written");
    else if (this.canSend) this.#carrier.ready(this);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#ending = callback;
    this.#carrier.ready(this);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#outgoing = Buffer.alloc(0);
    this.#incoming = [];
    this.#wanted = false;
    const whole = this.#sentEnd && this.#receivedEnd;
    if (!whole && !this.#wasReset) this.#carrier.sendReset(this.streamId, error?.message ?? "");
    this.#carrier.forget(this.streamId);
    this.#settle("written", error);
    this.#settle("ending", error);
    callback(error);
  }

  #settle(which: "written" | "ending", error: Error | null = null): void {
    const callback = which === "written" ? this.#written : this.#ending;
    if (which === "written") this.#written = undefined;
    else this.#ending = undefined;
    callback?.(error);
  }
}
