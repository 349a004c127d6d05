import type { Duplex } from "node:stream";
import { HeaderDecoder, HeaderEncoder } from "./header-block.ts";
import { SendWindows } from "./send-window.ts";
import { SpdyError } from "./spdy-error.ts";
import {
  controlType,
  encodeControl,
  encodeData,
  type FramePiece,
  finFlag,
  resetStatus,
  SpdyFrameReader,
  wordAt,
  words,
} from "./spdy-frame.ts";
import { SpdyStream } from "./spdy-stream.ts";

const maxStreams = 2000;
const maxDataBytes = 32 * 1024;
/** A window is given back in steps of this size. */
const windowStepBytes = 32 * 1024;
/** How long the client may take to close after it was told to. */
const partingMs = 2000;
const initialWindowSetting = 7;

/**
 * The server's side of SPDY/3.1 as Kubernetes uses it: the client opens streams, each answered at once. A stream that
 * is not read holds up the connection, since the client heeds no windows.
 */
export class SpdyConnection {
  /** Resolves when the connection has closed. Never rejects. */
  readonly closed: Promise<void>;
  readonly #stream: Duplex;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #encoder = new HeaderEncoder();
  readonly #decoder = new HeaderDecoder();
  readonly #windows = new SendWindows();
  readonly #consumedBytes = new Map<number, number>();
  readonly #undrained: (() => void)[] = [];
  #lastStreamId = 0;
  #closing = false;

  constructor(stream: Duplex, onStream: (stream: SpdyStream) => void) {
    this.#stream = stream;
    this.#onStream = onStream;
    stream.on("error", () => {});
    stream.on("drain", () => this.#wake());
    stream.on("close", () => this.#wake());
    this.closed = this.#run();
  }

  /** Says good-bye and closes the connection after what has been sent. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#write(encodeControl(controlType.goAway, 0, words(this.#lastStreamId, 0)));
    this.#stream.end();
    const cut = setTimeout(() => this.#stream.destroy(), partingMs);
    this.#stream.once("close", () => clearTimeout(cut));
  }

  async #run(): Promise<void> {
    const reader = new SpdyFrameReader();
    try {
      for await (const bytes of this.#stream) {
        for (const piece of reader.read(bytes as Buffer)) await this.#handle(piece);
      }
    } catch (error) {
      this.#stream.destroy();
      this.#cutAll(error instanceof Error ? error : undefined);
    }
    this.#cutAll();
    this.#encoder.close();
    this.#decoder.close();
    if (!this.#stream.writableEnded) this.#stream.end();
  }

  #cutAll(error?: Error): void {
    for (const stream of [...this.#streams.values()]) {
      // A client that has closed the connection has ended its streams.
      if (error === undefined) stream.receiveEnd();
      stream.cut(error);
    }
  }

  async #handle(piece: FramePiece): Promise<void> {
    if (piece.kind === "data") {
      const stream = this.#streams.get(piece.streamId);
      await stream?.receive(piece.payload);
      if (piece.fin) stream?.receiveEnd();
      return;
    }
    const { type, flags, payload } = piece;
    if (type === controlType.synStream) await this.#synStream(flags, payload);
    else if (type === controlType.rstStream) this.#streams.get(wordAt(payload, 0))?.cut();
    else if (type === controlType.ping) this.#ping(payload);
    else if (type === controlType.headers) await this.#decoder.decode(payload.subarray(4));
    else if (type === controlType.windowUpdate) this.#windows.grant(wordAt(payload, 0), wordAt(payload, 4));
    else if (type === controlType.settings) this.#settings(payload);
    else if (type === controlType.synReply)
      throw new SpdyError("There is no stream of the server's to reply to");
  }

  async #synStream(flags: number, payload: Buffer): Promise<void> {
    const streamId = wordAt(payload, 0);
    if (payload.length < 10) throw new SpdyError("A SYN_STREAM frame is too short");
    const headers = await this.#decoder.decode(payload.subarray(10));
    if (streamId % 2 === 0 || streamId <= this.#lastStreamId) {
      throw new SpdyError(`Stream ${streamId} cannot be opened`);
    }
    this.#lastStreamId = streamId;
    if (this.#streams.size >= maxStreams) {
      this.#write(encodeControl(controlType.rstStream, 0, words(streamId, resetStatus.refusedStream)));
      return;
    }
    const reply = Buffer.concat([words(streamId), await this.#encoder.encode(new Map())]);
    this.#write(encodeControl(controlType.synReply, 0, reply));
    const stream = this.#newStream(streamId, headers);
    if ((flags & finFlag) !== 0) stream.receiveEnd();
    this.#onStream(stream);
  }

  #newStream(streamId: number, headers: ReadonlyMap<string, string>): SpdyStream {
    const stream = new SpdyStream(streamId, headers, {
      sendData: (of, bytes) => this.#sendData(of, bytes),
      sendEnd: (id) => this.#write(encodeData(id, Buffer.alloc(0), true)),
      sendReset: (id) => this.#write(encodeControl(controlType.rstStream, 0, words(id, resetStatus.cancel))),
      consumed: (id, bytes) => this.#consumed(id, bytes),
      forget: (id) => {
        this.#streams.delete(id);
        this.#consumedBytes.delete(id);
        this.#windows.forget(id);
      },
    });
    // Whoever uses the stream sees its errors too; without a listener one stream's end would be the process's.
    stream.on("error", () => {});
    this.#streams.set(streamId, stream);
    return stream;
  }

  #ping(payload: Buffer): void {
    wordAt(payload, 0);
    this.#write(encodeControl(controlType.ping, 0, payload.subarray(0, 4)));
  }

  #settings(payload: Buffer): void {
    for (let left = wordAt(payload, 0), at = 4; left > 0; left--, at += 8) {
      const setting = wordAt(payload, at) & 0xffffff;
      if (setting === initialWindowSetting) this.#windows.setInitial(wordAt(payload, at + 4));
    }
  }

  async #sendData(stream: SpdyStream, bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0 && !stream.destroyed && !this.#stream.destroyed) {
      const length = this.#windows.take(stream.streamId, Math.min(rest.length, maxDataBytes));
      if (length === 0) {
        await this.#windows.changed();
        continue;
      }
      const taken = this.#write(encodeData(stream.streamId, rest.subarray(0, length), false));
      rest = rest.subarray(length);
      if (!taken) await this.#drained();
    }
  }

  #consumed(streamId: number, bytes: number): void {
    for (const id of [streamId, 0]) {
      const total = (this.#consumedBytes.get(id) ?? 0) + bytes;
      const due = total >= windowStepBytes;
      this.#consumedBytes.set(id, due ? 0 : total);
      if (due) this.#write(encodeControl(controlType.windowUpdate, 0, words(id, total)));
    }
  }

  #write(frame: Buffer): boolean {
    if (this.#stream.destroyed || this.#stream.writableEnded) return true;
    return this.#stream.write(frame);
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => this.#undrained.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#undrained.splice(0)) resolve();
    if (this.#stream.destroyed) this.#windows.wake();
  }
}
