import type { Duplex } from "node:stream";
import type { Clock } from "../clock.ts";
import { encodeCredit, encodeFrame, type Frame, FrameReader, frameType } from "./frame.ts";
import { MuxError } from "./mux-error.ts";
import { MuxStream } from "./mux-stream.ts";

export interface MultiplexerOptions {
  /** One side is the dialler, the other the listener: it decides whose stream ids are odd. */
  readonly role: "dialler" | "listener";
  readonly clock: Clock;
  /** Gets each stream that the other side opens. Without it such streams are refused. */
  readonly onStream?: (stream: Duplex) => void;
  /** Streams that the other side may have open at a time. Default 512. */
  readonly maxStreams?: number;
  /** A silent connection is probed after this time and given up after two and a half times it. Default 8000. */
  readonly keepaliveMs?: number;
}

/** Control frames that may wait for a side that does not read before the connection is given up. */
const maxWaitingBytes = 1024 * 1024;

/**
 * Carries many streams over one. Each has credit, so one that is not read holds up no other and fills no memory;
 * they send in turns. Both sides may open streams.
 */
export class Multiplexer {
  /** Resolves when the connection has ended, with the reason. Never rejects. */
  readonly closed: Promise<MuxError>;
  readonly #stream: Duplex;
  readonly #options: MultiplexerOptions;
  readonly #reader = new FrameReader();
  readonly #streams = new Map<number, MuxStream>();
  /** Streams that have something to send, in the order of their turns. */
  readonly #ready = new Set<MuxStream>();
  readonly #resolveClosed: (reason: MuxError) => void;
  #lastOwnId: number;
  #lastPeerId = 0;
  #error: MuxError | undefined;
  /** Why it is drained. */
  #draining: string | undefined;
  #heardAt: number;
  #pumping = false;
  #cancelTimer: () => void = () => {};

  constructor(stream: Duplex, options: MultiplexerOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#lastOwnId = options.role === "dialler" ? -1 : 0;
    this.#heardAt = options.clock.steady();
    const { promise, resolve } = Promise.withResolvers<MuxError>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    stream.on("data", (bytes: Buffer) => this.#receive(bytes));
    stream.on("drain", () => this.#pump());
    stream.on("error", (error) =>
      this.#fail(new MuxError("closed", "The connection broke", { cause: error })),
    );
    const ended = (): void =>
      this.#fail(new MuxError("closed", this.#draining ?? "The other side closed the connection"));
    stream.on("end", ended);
    stream.on("close", ended);
    stream.resume();
    this.#watch();
    if (stream.destroyed) ended();
  }

  /** Opens a stream. Throws {@link MuxError} when the connection has closed, or is drained. */
  open(): Duplex {
    if (this.#error !== undefined) throw this.#error;
    if (this.#draining !== undefined) throw new MuxError("closed", this.#draining);
    this.#lastOwnId += 2;
    this.#control(encodeFrame(frameType.open, this.#lastOwnId));
    return this.#newStream(this.#lastOwnId);
  }

  /** Ends the connection with all its streams. */
  close(reason = "The connection was closed"): void {
    this.#fail(new MuxError("closed", reason));
  }

  /** Opens no streams any more, and ends the connection when those that are there have ended. */
  drain(reason: string): void {
    this.#draining ??= reason;
    this.#endWhenDrained();
  }

  #endWhenDrained(): void {
    if (this.#draining === undefined || this.#streams.size > 0 || this.#error !== undefined) return;
    // What was written reaches the other side before the end does.
    this.#stream.end();
  }

  #newStream(streamId: number): MuxStream {
    const stream = new MuxStream(streamId, {
      ready: (ready) => {
        this.#ready.add(ready);
        this.#pump();
      },
      sendCredit: (id, bytes) => this.#control(encodeCredit(id, bytes)),
      sendReset: (id, message) =>
        this.#control(encodeFrame(frameType.reset, id, Buffer.from(message.slice(0, 256)))),
      forget: (id) => {
        this.#streams.delete(id);
        this.#ready.delete(stream);
        this.#endWhenDrained();
      },
    });
    // Whoever uses the stream sees its errors too; without a listener one stream's end would be the process's.
    stream.on("error", () => {});
    this.#streams.set(streamId, stream);
    return stream;
  }

  #pump(): void {
    // A stream that has sent its bytes may get new ones at once: the loop below will see it.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#takeTurns();
    } finally {
      this.#pumping = false;
    }
  }

  #takeTurns(): void {
    for (const stream of this.#ready) {
      if (this.#error !== undefined || this.#stream.writableNeedDrain) return;
      // To the back of the queue: one frame a turn.
      this.#ready.delete(stream);
      if (!stream.canSend) continue;
      const payload = stream.nextPayload();
      if (payload === "end") this.#stream.write(encodeFrame(frameType.end, stream.streamId));
      else this.#stream.write(encodeFrame(frameType.data, stream.streamId, payload));
      if (stream.canSend) this.#ready.add(stream);
    }
  }

  #control(frame: Buffer): void {
    if (this.#error !== undefined) return;
    this.#stream.write(frame);
    if (this.#stream.writableLength > maxWaitingBytes) {
      this.#fail(new MuxError("overflow", "The other side does not read"));
    }
  }

  #receive(bytes: Buffer): void {
    this.#heardAt = this.#options.clock.steady();
    try {
      this.#reader.read(bytes, (frame) => {
        if (this.#error === undefined) this.#handle(frame);
      });
    } catch (error) {
      this.#fail(error instanceof MuxError ? error : new MuxError("protocol", "Bad frame", { cause: error }));
    }
  }

  #handle(frame: Frame): void {
    if (frame.type === frameType.ping) this.#control(encodeFrame(frameType.pong, 0));
    else if (frame.type === frameType.open) this.#accept(frame.streamId);
    else if (frame.type !== frameType.pong) this.#handleStreamFrame(frame);
  }

  #handleStreamFrame(frame: Frame): void {
    const stream = this.#streams.get(frame.streamId);
    if (stream === undefined) this.#checkGone(frame.streamId);
    else if (frame.type === frameType.data) stream.receiveData(frame.payload);
    else if (frame.type === frameType.credit) stream.receiveCredit(frame.payload.readUInt32BE(0));
    else if (frame.type === frameType.end) stream.receiveEnd();
    else stream.receiveReset(frame.payload.toString("utf8"));
  }

  #accept(streamId: number): void {
    const parity = this.#options.role === "dialler" ? 0 : 1;
    if (streamId % 2 !== parity || streamId <= this.#lastPeerId) {
      throw new MuxError("protocol", `Stream ${streamId} cannot be opened`);
    }
    this.#lastPeerId = streamId;
    const { onStream, maxStreams = 512 } = this.#options;
    const open = [...this.#streams.keys()].filter((id) => id % 2 === parity).length;
    if (onStream === undefined || open >= maxStreams) {
      const message = onStream === undefined ? "No streams are taken here" : "Too many streams";
      this.#control(encodeFrame(frameType.reset, streamId, Buffer.from(message)));
      return;
    }
    onStream(this.#newStream(streamId));
  }

  /** Frames may still come for a stream that this side has given up, but not for one that never was. */
  #checkGone(streamId: number): void {
    const own = streamId % 2 === (this.#options.role === "dialler" ? 1 : 0);
    if (streamId === 0 || streamId > (own ? this.#lastOwnId : this.#lastPeerId)) {
      throw new MuxError("protocol", `Stream ${streamId} was never opened`);
    }
  }

  #watch(): void {
    const { clock, keepaliveMs = 8000 } = this.#options;
    this.#cancelTimer = clock.after(keepaliveMs, () => {
      const silentMs = clock.steady() - this.#heardAt;
      if (silentMs >= keepaliveMs * 2.5) {
        this.#fail(
          new MuxError("dead", `The other side has not answered for ${Math.round(silentMs / 1000)} s`),
        );
        return;
      }
      if (silentMs >= keepaliveMs) this.#control(encodeFrame(frameType.ping, 0));
      this.#watch();
    });
  }

  #fail(error: MuxError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#cancelTimer();
    this.#ready.clear();
    for (const stream of [...this.#streams.values()]) stream.cut(error);
    this.#stream.destroy();
    this.#resolveClosed(error);
  }
}
