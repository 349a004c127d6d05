import { ImageError } from "../image-service.ts";

export const blockBytes = 512;
const ustar = Buffer.from("ustar");

/** One header block of a tar archive (POSIX ustar, GNU and old V7), texts as byte strings. */
export interface TarHeader {
  readonly path: string;
  readonly linkName: string;
  /** The type as its character; `0` also for the old NUL. */
  readonly typeFlag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly storedBytes: number;
  readonly modifiedSeconds: number;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

/** Reads a header block. Throws `invalid-image` for a bad checksum or number. */
export function parseTarHeader(block: Buffer): TarHeader {
  const stored = tarNumber(block, 148, 8);
  if (!checksumMatches(block, stored)) {
    throw new ImageError("invalid-image", "not a tar archive: a header's checksum is wrong");
  }
  const isUstar = block.compare(ustar, 0, ustar.length, 257, 257 + ustar.length) === 0;
  // After the same magic POSIX has a NUL, GNU a space: only the first knows a prefix.
  const prefix = isUstar && block[262] === 0 ? tarText(block, 345, 155) : "";
  const name = tarText(block, 0, 100);
  const typeFlag = block.toString("latin1", 156, 157);
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    linkName: tarText(block, 157, 100),
    typeFlag: typeFlag === "\0" ? "0" : typeFlag,
    mode: tarNumber(block, 100, 8) & 0o7777,
    uid: tarNumber(block, 108, 8),
    gid: tarNumber(block, 116, 8),
    storedBytes: tarNumber(block, 124, 12),
    modifiedSeconds: tarNumber(block, 136, 12),
    deviceMajor: isUstar ? tarNumber(block, 329, 8) : 0,
    deviceMinor: isUstar ? tarNumber(block, 337, 8) : 0,
  };
}

/** Whether a block is all zeros, as at the end of an archive. */
export function isZeroBlock(block: Buffer): boolean {
  if (block[0] !== 0) return false;
  return block.every((byte) => byte === 0);
}

/** A text field: up to its first NUL. */
function tarText(block: Buffer, offset: number, length: number): string {
  if (block[offset] === 0) return "";
  const end = block.indexOf(0, offset);
  return block.toString("latin1", offset, end < 0 || end > offset + length ? offset + length : end);
}

/**
 * A number field: octal digits between spaces, up to a NUL, or GNU's base-256 where the first bit is set.
 * Throws `invalid-image`. Digit by digit, without a text: this is most of the work on a header.
 */
export function tarNumber(block: Buffer, offset: number, length: number): number {
  if ((block[offset] ?? 0) >= 0x80) return base256(block.subarray(offset, offset + length));
  let value = 0;
  let ended = false;
  let digits = 0;
  for (let at = offset; at < offset + length; at++) {
    const byte = block[at] ?? 0;
    if (byte === 0) break;
    if (byte === 0x20) {
      ended = digits > 0;
      continue;
    }
    if (ended || byte < 0x30 || byte > 0x37) {
      throw new ImageError("invalid-image", "not a tar archive: a number in a header is not octal");
    }
    value = value * 8 + (byte - 0x30);
    digits++;
  }
  return safe(value);
}

function base256(bytes: Buffer): number {
  const negative = ((bytes[0] ?? 0) & 0x40) !== 0;
  let value = negative ? -1n : 0n;
  bytes.forEach((byte, index) => {
    const bits = index === 0 ? byte & 0x7f : byte;
    value = index === 0 ? (negative ? BigInt(bits) - 0x80n : BigInt(bits)) : value * 256n + BigInt(bits);
  });
  return safe(Number(value));
}

function safe(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new ImageError(
    "invalid-image",
    `tar archive has a header with the number ${value}, which is too large`,
  );
}

function checksumMatches(block: Buffer, stored: number): boolean {
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let index = 0; index < blockBytes; index++) {
    if (index >= 148 && index < 156) continue;
    const byte = block[index] ?? 0;
    unsigned += byte;
    signed += byte < 0x80 ? byte : byte - 0x100;
  }
  return stored === unsigned || stored === signed;
}
