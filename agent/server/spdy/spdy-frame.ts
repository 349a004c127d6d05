/** SPDY/3.1's frames (draft-mbelshe-httpbis-spdy-00, section 2.2, with the window update of 3.1 for stream 0). */
import { SpdyError } from "./spdy-error.ts";

export const controlType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const finFlag = 1;

export const resetStatus = { refusedStream: 3, cancel: 5 } as const;

const headerBytes = 8;
const maxControlBytes = 32 * 1024;

/** A whole control frame, or a piece of a data frame: long ones are not kept until they are whole. */
export type FramePiece =
  | { readonly kind: "control"; readonly type: number; readonly flags: number; readonly payload: Buffer }
  | { readonly kind: "data"; readonly streamId: number; readonly payload: Buffer; readonly fin: boolean };

export class SpdyFrameReader {
  #partial: Buffer = Buffer.alloc(0);
  #data: { readonly streamId: number; readonly fin: boolean; left: number } | undefined;

  /** Throws {@link SpdyError} for a malformed frame. */
  *read(bytes: Buffer): Generator<FramePiece> {
    let rest = this.#partial.length === 0 ? bytes : Buffer.concat([this.#partial, bytes]);
    this.#partial = Buffer.alloc(0);
    while (rest.length > 0) {
      if (this.#data !== undefined) {
        const payload = rest.subarray(0, this.#data.left);
        rest = rest.subarray(payload.length);
        yield this.#takeData(this.#data, payload);
        continue;
      }
      if (rest.length < headerBytes) break;
      const length = rest.readUIntBE(5, 3);
      if ((rest.readUInt8(0) & 0x80) === 0) {
        this.#data = {
          streamId: rest.readUInt32BE(0),
          fin: (rest.readUInt8(4) & finFlag) !== 0,
          left: length,
        };
        rest = rest.subarray(headerBytes);
        if (length === 0) yield this.#takeData(this.#data, Buffer.alloc(0));
        continue;
      }
      const version = rest.readUInt16BE(0) & 0x7fff;
      if (version !== 3) throw new SpdyError(`SPDY version ${version} is not spoken here, use 3`);
      if (length > maxControlBytes) throw new SpdyError(`A control frame has ${length} bytes`);
      if (rest.length < headerBytes + length) break;
      const payload = rest.subarray(headerBytes, headerBytes + length);
      yield { kind: "control", type: rest.readUInt16BE(2), flags: rest.readUInt8(4), payload };
      rest = rest.subarray(headerBytes + length);
    }
    this.#partial = rest;
  }

  #takeData(
    data: { readonly streamId: number; readonly fin: boolean; left: number },
    payload: Buffer,
  ): FramePiece {
    data.left -= payload.length;
    const whole = data.left === 0;
    if (whole) this.#data = undefined;
    return { kind: "data", streamId: data.streamId, payload, fin: data.fin && whole };
  }
}

export function encodeControl(type: number, flags: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(0x8003, 0);
  header.writeUInt16BE(type, 2);
  header.writeUInt8(flags, 4);
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
}

export function encodeData(streamId: number, payload: Uint8Array, fin: boolean): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.byteLength);
  frame.writeUInt32BE(streamId, 0);
  frame.writeUInt8(fin ? finFlag : 0, 4);
  frame.writeUIntBE(payload.byteLength, 5, 3);
  frame.set(payload, headerBytes);
  return frame;
}

/** Payloads that are a row of 32-bit numbers. */
export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

/** The number at `offset`, without its highest bit, which the draft reserves. Throws {@link SpdyError}. */
export function wordAt(payload: Buffer, offset: number): number {
  if (payload.length < offset + 4) throw new SpdyError("A control frame is too short");
  return payload.readUInt32BE(offset) & 0x7fffffff;
}
