import { isIP } from "node:net";
import { contextTag, encode, sequence } from "./der.ts";
import type { DerReader } from "./der-reader.ts";

export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** How many there are of other kinds: mail addresses, URIs, …. */
  readonly otherNames: number;
}

const dnsTag = contextTag(2, "primitive");
const ipTag = contextTag(7, "primitive");

/** Writes DNS names and IP addresses as `GeneralNames` (RFC 5280, 4.2.1.6). */
export function encodeAlternativeNames(names: readonly string[]): Buffer {
  return sequence(
    ...names.map((name) =>
      isIP(name) === 0 ? encode(dnsTag, Buffer.from(name, "latin1")) : encode(ipTag, addressBytes(name)),
    ),
  );
}

export function decodeAlternativeNames(names: DerReader): AlternativeNames {
  const dnsNames: string[] = [];
  const ipAddresses: string[] = [];
  let otherNames = 0;
  while (!names.atEnd) {
    const { tag, content } = names.read();
    if (tag === dnsTag) dnsNames.push(content.toString("latin1"));
    else if (tag === ipTag) ipAddresses.push(addressText(content));
    else otherNames++;
  }
  return { dnsNames, ipAddresses, otherNames };
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  // The URL parser writes every form of an IPv6 address, also with an IPv4 one at its end, as hex groups.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = "", after] = canonical.split("::");
  const head = before.split(":").filter(Boolean);
  const tail = (after ?? "").split(":").filter(Boolean);
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return Buffer.from([...head, ...zeros, ...tail].map((group) => group.padStart(4, "0")).join(""), "hex");
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw new Error(`An IP address has ${bytes.length} bytes, expected 4 or 16`);
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return groups.join(":");
}
