/** A range of IPv4 addresses as numbers. */
export interface Ipv4Range {
  readonly first: number;
  readonly prefixLength: number;
}

/** Reads `10.42.0.0/24`; undefined for anything else. Bits beyond the prefix are cut off. */
export function parseCidr(text: string): Ipv4Range | undefined {
  const [address = "", length = "32", ...rest] = text.split("/");
  const number = parseAddress(address);
  if (number === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length) || Number(length) > 32)
    return undefined;
  const prefixLength = Number(length);
  return { first: number - (number % rangeSize(prefixLength)), prefixLength };
}

export function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((number, part) => number * 256 + Number(part), 0);
}

export function formatAddress(number: number): string {
  return bytes(number).join(".");
}

/** How many addresses a prefix of this length spans. */
export function rangeSize(prefixLength: number): number {
  return 2 ** (32 - prefixLength);
}

export function overlap(a: Ipv4Range, b: Ipv4Range): boolean {
  return a.first < b.first + rangeSize(b.prefixLength) && b.first < a.first + rangeSize(a.prefixLength);
}

/** A hardware address that only this IPv4 address has, with the prefix that Kubernetes' networks use. */
export function macAddress(number: number): string {
  return ["0a", "58", ...bytes(number).map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

function bytes(number: number): number[] {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);
}
