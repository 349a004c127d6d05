import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { asError } from "../../../../supervisor/base/errors.ts";
import { FieldReader, FieldWriter } from "./fields.ts";
import {
  encodeFrame,
  type Frame,
  FrameDecoder,
  type FrameSender,
  type OutgoingFrame,
  type SessionNonce,
} from "./frame-codec.ts";
import { frameType, ProtocolError, protocolVersion, tag } from "./protocol.ts";

export interface ChannelHandlers {
  /** Called for each frame after the hello. May throw {@link ProtocolError}, which ends the channel. */
  onFrame(frame: Frame): void;
  /** Called once when the channel has ended other than by `close`: a `ProtocolError`, or QEMU closed the socket. */
  onEnd(error: Error): void;
}

/** What a guest says of itself in its hello. */
export interface GuestHello {
  readonly kernelVersion: string;
}

const helloIntervalMs = 100;
const slowHelloIntervalMs = 1000;
const fastHellos = 100;
/** Completes a frame that an earlier daemon left half sent. */
const padding = Buffer.alloc(32_768);
const paddingEvery = 10;

/**
 * One port of a guest: says hello until the guest answers, then carries frames of that session. What the guest does not
 * read is kept only up to `maxUnreadBytes`, which a guest that keeps to the protocol never reaches.
 */
export class Channel implements FrameSender {
  readonly #socket: Socket;
  readonly #handlers: ChannelHandlers;
  readonly #maxUnreadBytes: number;
  readonly #session: SessionNonce = {
    low: (randomBytes(4).readUInt32LE() | 1) >>> 0,
    high: randomBytes(4).readUInt32LE(),
  };
  readonly #decoder = new FrameDecoder(this.#session);
  readonly #hello = Promise.withResolvers<GuestHello>();
  #state: "hello" | "open" | "ended" = "hello";

  constructor(socket: Socket, maxUnreadBytes: number, handlers: ChannelHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#maxUnreadBytes = maxUnreadBytes;
    this.#hello.promise.catch(() => {});
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("close", () => this.#end(new Error("QEMU closed the guest's channel")));
  }

  /** Repeats the hello until the guest answers, the channel ends or the signal aborts; rejects in the last two cases. */
  async hello(signal: AbortSignal): Promise<GuestHello> {
    let sent = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = (): void => {
      if (sent > 0 && sent % paddingEvery === 0) this.#socket.write(padding);
      this.send({ type: frameType.hello, payload: helloFields() });
      sent += 1;
      timer = setTimeout(send, sent < fastHellos ? helloIntervalMs : slowHelloIntervalMs);
    };
    const onAbort = (): void => this.#hello.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    else send();
    try {
      return await this.#hello.promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  send(frame: OutgoingFrame): void {
    if (this.#state === "ended") return;
    this.#socket.write(encodeFrame(this.#session, frame));
    if (this.#state === "open" && this.#socket.writableLength > this.#maxUnreadBytes) {
      this.#end(new ProtocolError(`The guest left ${this.#maxUnreadBytes} bytes unread`));
    }
  }

  /** Lets go of the guest without touching it. */
  close(): void {
    this.#state = "ended";
    this.#hello.reject(new Error("The channel was closed"));
    this.#socket.destroy();
  }

  #end(error: Error): void {
    if (this.#state === "ended") return;
    this.close();
    this.#hello.reject(error);
    this.#handlers.onEnd(error);
  }

  #read(chunk: Buffer): void {
    if (this.#state === "ended") return;
    try {
      for (const frame of this.#decoder.push(chunk)) {
        this.#receive(frame);
        // A handler may close the channel, which TypeScript's view of the state from above does not know.
        if ((this.#state as string) === "ended") return;
      }
    } catch (error) {
      this.#end(asError(error));
    }
  }

  #receive(frame: Frame): void {
    if (frame.type === frameType.helloOk) this.#greet(frame);
    else if (frame.type === frameType.helloRefused) throw refusal(frame);
    else this.#handlers.onFrame(frame);
  }

  /** The guest answers every hello; all answers but the first are duplicates. */
  #greet(frame: Frame): void {
    if (this.#state !== "hello") return;
    const fields = new FieldReader(frame.payload);
    const version = fields.needU32(tag.version);
    if (version !== protocolVersion) throw new ProtocolError(`The guest chose protocol version ${version}`);
    this.#state = "open";
    this.#hello.resolve({ kernelVersion: fields.text(tag.kernel) ?? "" });
  }
}

function helloFields(): Buffer {
  return new FieldWriter().u32(tag.versionMin, protocolVersion).u32(tag.versionMax, protocolVersion).finish();
}

function refusal(frame: Frame): ProtocolError {
  const fields = new FieldReader(frame.payload);
  const range = `${fields.u32(tag.versionMin)} to ${fields.u32(tag.versionMax)}`;
  return new ProtocolError(
    `The guest speaks protocol versions ${range}, this host speaks ${protocolVersion}`,
  );
}
