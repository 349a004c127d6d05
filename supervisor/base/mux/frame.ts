/**
 * The frames of the multiplexer: one byte of type, four of stream id, four of payload length (big endian), payload.
 * Both sides start each stream with {@link initialCreditBytes} of credit in each direction.
 */
import { MuxError } from "./mux-error.ts";

export const frameType = {
  /** Opens a stream; its id is odd when the side that dialled opens it, else even, and greater than those before. */
  open: 1,
  /** Bytes of a stream; they use up credit. */
  data: 2,
  /** The receiver has consumed so many bytes (32 bits): the sender may send as many more. */
  credit: 3,
  /** The sender will send no more data; the other direction goes on. */
  end: 4,
  /** The stream is broken in both directions; the payload says why, in UTF-8. */
  reset: 5,
  /** Answered at once by a pong. Both belong to stream 0. */
  ping: 6,
  pong: 7,
} as const;

export type FrameType = (typeof frameType)[keyof typeof frameType];

const headerBytes = 9;
/** The longest payload; small, so that streams take turns often. */
export const maxPayloadBytes = 16 * 1024;
export const initialCreditBytes = 256 * 1024;

const lengths: Readonly<Record<number, readonly [least: number, most: number]>> = {
  [frameType.open]: [0, 0],
  [frameType.data]: [1, maxPayloadBytes],
  [frameType.credit]: [4, 4],
  [frameType.end]: [0, 0],
  [frameType.reset]: [0, 1024],
  [frameType.ping]: [0, 0],
  [frameType.pong]: [0, 0],
};

export interface Frame {
  readonly type: FrameType;
  readonly streamId: number;
  readonly payload: Buffer;
}

export function encodeFrame(type: FrameType, streamId: number, payload?: Uint8Array): Buffer {
  const length = payload?.byteLength ?? 0;
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame.writeUInt8(type, 0);
  frame.writeUInt32BE(streamId, 1);
  frame.writeUInt32BE(length, 5);
  if (payload !== undefined) frame.set(payload, headerBytes);
  return frame;
}

export function encodeCredit(streamId: number, bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(bytes, 0);
  return encodeFrame(frameType.credit, streamId, payload);
}

/** Cuts frames out of a byte stream; keeps at most one frame's bytes. */
export class FrameReader {
  #partial: Buffer = Buffer.alloc(0);

  /** Calls `onFrame` for each whole frame. Throws {@link MuxError} for a malformed one. */
  read(bytes: Buffer, onFrame: (frame: Frame) => void): void {
    let rest = this.#partial.length === 0 ? bytes : Buffer.concat([this.#partial, bytes]);
    for (;;) {
      const frame = firstFrame(rest);
      if (frame === undefined) break;
      rest = rest.subarray(headerBytes + frame.payload.length);
      onFrame(frame);
    }
    this.#partial = rest;
  }
}

function firstFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < headerBytes) return undefined;
  const type = bytes.readUInt8(0);
  const streamId = bytes.readUInt32BE(1);
  const length = bytes.readUInt32BE(5);
  const allowed = lengths[type];
  if (allowed === undefined) throw new MuxError("protocol", `Frame type ${type} does not exist`);
  if (length < allowed[0] || length > allowed[1]) {
    throw new MuxError("protocol", `A frame of type ${type} has ${length} bytes of payload`);
  }
  if (bytes.length < headerBytes + length) return undefined;
  // The table above has these types and no others.
  return { type: type as FrameType, streamId, payload: bytes.subarray(headerBytes, headerBytes + length) };
}
