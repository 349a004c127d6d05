import { frameType, maxPayloadBytes, ProtocolError } from "./protocol.ts";

/** A frame of the guest protocol; `payload` is a view that is valid until the decoder's next `push`. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** The nonce that a host draws for each connection of a port, as two 32-bit halves. Never 0. */
export interface SessionNonce {
  readonly low: number;
  readonly high: number;
}

const magic = 0x46434150;
const magicBytes = Buffer.from("PACF");
const formatVersion = 1;
const headerBytes = 24;
const overheadBytes = headerBytes + 4;

/** A frame to be sent; what is absent is 0 or empty. */
export interface OutgoingFrame {
  readonly type: number;
  readonly id?: number;
  readonly flags?: number;
  readonly payload?: Uint8Array;
}

/** Sends frames of one session. */
export interface FrameSender {
  send(frame: OutgoingFrame): void;
}

export function encodeFrame(session: SessionNonce, frame: OutgoingFrame): Buffer {
  const length = frame.payload?.length ?? 0;
  const bytes = Buffer.allocUnsafe(overheadBytes + length);
  bytes.writeUInt32LE(magic, 0);
  bytes.writeUInt8(formatVersion, 4);
  bytes.writeUInt8(frame.type, 5);
  bytes.writeUInt16LE(frame.flags ?? 0, 6);
  bytes.writeUInt32LE(session.low, 8);
  bytes.writeUInt32LE(session.high, 12);
  bytes.writeUInt32LE(frame.id ?? 0, 16);
  bytes.writeUInt32LE(length, 20);
  if (frame.payload) bytes.set(frame.payload, headerBytes);
  bytes.writeUInt32LE(trailer(session, length), headerBytes + length);
  return bytes;
}

/**
 * Finds the frames of one session in a stream of bytes. Until the answer to the session's hello it skips whatever does
 * not fit (remains of an earlier session); from there on one bad frame is a violation. Keeps less than one frame.
 */
export class FrameDecoder {
  readonly #session: SessionNonce;
  #rest: Buffer = Buffer.alloc(0);
  #established = false;

  constructor(session: SessionNonce) {
    this.#session = session;
  }

  /** The frames that are whole now. Throws {@link ProtocolError}; nothing more may be pushed then. */
  *push(chunk: Buffer): Generator<Frame, void, undefined> {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    for (;;) {
      if (!this.#established) at = nextMagic(bytes, at);
      const length = this.#frameLength(bytes, at);
      if (length === "incomplete") break;
      if (length === "bad") {
        if (this.#established) throw new ProtocolError("The guest sent a bad frame");
        at += 1;
        continue;
      }
      const frame = readFrame(bytes, at, length);
      if (!this.#established && frame.type !== frameType.helloOk && frame.type !== frameType.helloRefused) {
        at += 1;
        continue;
      }
      this.#established = true;
      at += length;
      yield frame;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  /** Checks what is there of the frame at `at`: its whole length, or that bytes are missing, or that it is none. */
  #frameLength(bytes: Buffer, at: number): number | "incomplete" | "bad" {
    const available = bytes.length - at;
    if (available < headerBytes) {
      const start = magicBytes.subarray(0, available);
      return bytes.subarray(at, at + start.length).equals(start) ? "incomplete" : "bad";
    }
    const payloadLength = bytes.readUInt32LE(at + 20);
    const isGood =
      bytes.readUInt32LE(at) === magic &&
      bytes[at + 4] === formatVersion &&
      bytes.readUInt32LE(at + 8) === this.#session.low &&
      bytes.readUInt32LE(at + 12) === this.#session.high &&
      payloadLength <= maxPayloadBytes;
    if (!isGood) return "bad";
    if (available < overheadBytes + payloadLength) return "incomplete";
    const isWhole =
      bytes.readUInt32LE(at + headerBytes + payloadLength) === trailer(this.#session, payloadLength);
    return isWhole ? overheadBytes + payloadLength : "bad";
  }
}

function readFrame(bytes: Buffer, at: number, length: number): Frame {
  return {
    type: bytes.readUInt8(at + 5),
    flags: bytes.readUInt16LE(at + 6),
    id: bytes.readUInt32LE(at + 16),
    payload: bytes.subarray(at + headerBytes, at + length - 4),
  };
}

/** The place of the next byte sequence that can begin a frame; the last three bytes may be its beginning. */
function nextMagic(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(magicBytes, from);
  return found >= 0 ? found : Math.max(from, bytes.length - magicBytes.length + 1);
}

function trailer(session: SessionNonce, length: number): number {
  return (session.low ^ session.high ^ length) >>> 0;
}
