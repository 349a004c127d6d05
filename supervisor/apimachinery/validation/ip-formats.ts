/** Addresses and networks in their text forms (apimachinery `pkg/util/validation/ip.go`). */
import type { FormatCheck } from "./formats.ts";

export type IpFamily = "IPv4" | "IPv6";

export interface ParsedIp {
  readonly family: IpFamily;
  readonly value: bigint;
  /** The one form in which an address is written (RFC 5952). */
  readonly canonical: string;
  /** Whether the text has zeros before an octet's digits. */
  readonly hasLeadingZeros: boolean;
}

export interface ParsedCidr {
  readonly family: IpFamily;
  /** The first address of the network. */
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixLength: number;
  readonly canonical: string;
  /** What a strict reading complains of. */
  readonly complaint: string | undefined;
}

const ipv4Pattern = /^(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
const ipv6Letters = /^[\da-fA-F:.]*:[\da-fA-F:.]*$/;

const mappedPrefix = 0xffffn;
const ipMessage = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const cidrMessage = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/** Reads an address, also with leading zeros; undefined for what is none. */
export function parseIp(text: string): ParsedIp | undefined {
  const plain = /^[\d.]+$/.test(text) ? text.replace(/\b0+(?=\d)/g, "") : text;
  if (ipv4Pattern.test(plain)) {
    const value = plain.split(".").reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
    return { family: "IPv4", value, canonical: plain, hasLeadingZeros: plain !== text };
  }
  if (!ipv6Letters.test(text) || !URL.canParse(`http://[${text}]/`)) return undefined;
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  return { family: "IPv6", value: ipv6Value(canonical), canonical, hasLeadingZeros: false };
}

function ipv6Value(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

/** The text of an address. */
export function formatIp(family: IpFamily, value: bigint): string {
  if (family === "IPv4") return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

function isMapped({ family, value }: Pick<ParsedIp, "family" | "value">): boolean {
  return family === "IPv6" && value >> 32n === mappedPrefix;
}

/** Reads a network in CIDR notation, also with bits beyond the prefix; undefined for what is none. */
export function parseCidr(text: string): ParsedCidr | undefined {
  const [, address = "", digits = ""] = /^(.+)\/(\d{1,4})$/.exec(text) ?? [];
  const ip = parseIp(address);
  if (ip === undefined) return undefined;
  const { family, value } = ip;
  const bits = family === "IPv4" ? 32 : 128;
  const prefixLength = Number(digits);
  if (prefixLength > bits) return undefined;
  const size = 1n << BigInt(bits - prefixLength);
  const first = value - (value % size);
  const canonical = `${formatIp(family, first)}/${prefixLength}`;
  const complaint =
    ip.hasLeadingZeros || String(prefixLength) !== digits
      ? "must not have leading 0s in IP or prefix length"
      : isMapped(ip)
        ? "must not have an IPv4-mapped IPv6 address"
        : first === value
          ? undefined
          : "must not have bits set beyond the prefix length";
  return { family, first, last: first + size - 1n, prefixLength, canonical, complaint };
}

/** An address in fields older than the strict rules: any form that cannot be taken for another address. */
export const checkLegacyIp: FormatCheck = (text) => {
  const ip = parseIp(text);
  if (ip === undefined) return [ipMessage];
  if (ip.hasLeadingZeros) return ["must not have leading 0s"];
  return isMapped(ip) ? ["must not be an IPv4-mapped IPv6 address"] : [];
};

/** An address in its canonical form. */
export const checkIp: FormatCheck = (text) => {
  const complaints = checkLegacyIp(text);
  const canonical = parseIp(text)?.canonical;
  if (complaints.length > 0 || canonical === text) return complaints;
  return [`must be in canonical form (${JSON.stringify(canonical)})`];
};

/** A network in fields older than the strict rules. */
export const checkLegacyCidr: FormatCheck = (text) => {
  const cidr = parseCidr(text);
  if (cidr === undefined) return [cidrMessage];
  return cidr.complaint === undefined ? [] : [cidr.complaint];
};

/** A network in its canonical form. */
export const checkCidr: FormatCheck = (text) => {
  const complaints = checkLegacyCidr(text);
  const canonical = parseCidr(text)?.canonical;
  if (complaints.length > 0 || canonical === text) return complaints;
  return [`must be in canonical form (${JSON.stringify(canonical)})`];
};

/** What is said of an address that is taken but written in an odd form. */
export function ipWarnings(text: string, field: string): string[] {
  const ip = parseIp(text);
  if (ip === undefined || ip.canonical === text) return [];
  const [given, canonical] = [JSON.stringify(text), JSON.stringify(ip.canonical)];
  if (ip.hasLeadingZeros || isMapped(ip)) {
    return [`${field}: non-standard IP address ${given} is invalid: use ${canonical}`];
  }
  return [`${field}: IPv6 address ${given} should be in RFC 5952 canonical format (${canonical})`];
}

/** The same for a network. */
export function cidrWarnings(text: string, field: string): string[] {
  const cidr = parseCidr(text);
  if (cidr === undefined || cidr.family === "IPv4" || cidr.canonical === text) return [];
  const [given, canonical] = [JSON.stringify(text), JSON.stringify(cidr.canonical)];
  return [`${field}: IPv6 CIDR value ${given} should be in RFC 5952 canonical format (${canonical})`];
}

/** An address that endpoints may have (core validation, `ValidateNonSpecialIP`). */
export const checkNonSpecialIp: FormatCheck = (text) => {
  const ip = parseIp(text);
  if (ip === undefined) return ["must be a valid IP address"];
  const { family, value } = ip;
  const isV4 = family === "IPv4";
  if (value === 0n) return [`may not be unspecified (${text})`];
  if (isV4 ? value >> 24n === 127n : value === 1n) {
    return ["may not be in the loopback range (127.0.0.0/8, ::1/128)"];
  }
  if (isV4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan) {
    return ["may not be in the link-local range (169.254.0.0/16, fe80::/10)"];
  }
  if (isV4 ? value >> 8n === 0xe00000n : ((value >> 112n) & 0xff0fn) === 0xff02n) {
    return ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"];
  }
  return [];
};
