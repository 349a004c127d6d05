import type { EntryAttributes, EntryType } from "./entry.ts";
import { blockBytes } from "./tar-header.ts";

/** What a header says; texts are byte strings. */
export interface HeaderFields {
  readonly path: string;
  readonly type: EntryType;
  readonly attributes: EntryAttributes;
  readonly sizeBytes?: number;
  readonly linkName?: string;
  readonly deviceMajor?: number;
  readonly deviceMinor?: number;
}

const typeFlags: Readonly<Record<EntryType, string>> = {
  file: "0",
  "hard-link": "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};
const maxOctal7 = 0o7777777;
const maxOctal11 = 0o77777777777;

/** A header, with a PAX header before it where a value does not fit or has attributes beside (POSIX ustar and pax). */
export function tarHeader(fields: HeaderFields): Buffer {
  const { attributes, linkName = "", sizeBytes = 0 } = fields;
  const records: string[] = [];
  if (fields.path.length > 100) records.push(paxRecord("path", fields.path));
  if (linkName.length > 100) records.push(paxRecord("linkpath", linkName));
  if (sizeBytes > maxOctal11) records.push(paxRecord("size", String(sizeBytes)));
  if (attributes.uid > maxOctal7) records.push(paxRecord("uid", String(attributes.uid)));
  if (attributes.gid > maxOctal7) records.push(paxRecord("gid", String(attributes.gid)));
  for (const [name, value] of attributes.xattrs ?? []) records.push(paxRecord(`SCHILY.xattr.${name}`, value));
  const header = ustarBlock(fields, typeFlags[fields.type], sizeBytes);
  if (records.length === 0) return header;
  const body = Buffer.from(records.join(""), "latin1");
  const extension = { path: "pax", type: "file" as const, attributes: extensionAttributes };
  return Buffer.concat([
    ustarBlock(extension, "x", body.length),
    body,
    Buffer.alloc(paddingBytes(body.length)),
    header,
  ]);
}

/** Bytes of zeros that follow content of this size. */
export function paddingBytes(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

/** What an archive ends with. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockBytes);
}

const extensionAttributes: EntryAttributes = { mode: 0o644, uid: 0, gid: 0, modifiedSeconds: 0 };

function ustarBlock(fields: HeaderFields, typeFlag: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const { mode, uid, gid, modifiedSeconds } = fields.attributes;
  block.write(fields.path.slice(0, 100), 0, "latin1");
  writeOctal(block, mode, 100, 8, maxOctal7);
  writeOctal(block, uid, 108, 8, maxOctal7);
  writeOctal(block, gid, 116, 8, maxOctal7);
  writeOctal(block, sizeBytes, 124, 12, maxOctal11);
  writeOctal(block, clampTime(modifiedSeconds), 136, 12, maxOctal11);
  block.write(typeFlag, 156, "latin1");
  if (fields.linkName) block.write(fields.linkName.slice(0, 100), 157, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  writeOctal(block, fields.deviceMajor ?? 0, 329, 8, maxOctal7);
  writeOctal(block, fields.deviceMinor ?? 0, 337, 8, maxOctal7);
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (let index = 0; index < blockBytes; index++) sum += block[index] ?? 0;
  writeOctal(block, sum, 148, 7, maxOctal7);
  block[154] = 0;
  return block;
}

/** Digit by digit, without a text: this is most of the work on a header. What does not fit stands in a PAX record. */
function writeOctal(block: Buffer, value: number, offset: number, length: number, max: number): void {
  let rest = value < 0 || value > max ? 0 : value;
  for (let at = offset + length - 2; at >= offset; at--) {
    block[at] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}

/** squashfs counts seconds from 1970 in 32 bits without a sign. */
function clampTime(seconds: number): number {
  return Math.min(Math.max(seconds, 0), 2 ** 32 - 1);
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  // The length counts its own digits, which may carry over.
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return `${length}${rest}`;
}
