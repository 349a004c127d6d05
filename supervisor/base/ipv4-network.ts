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

/** An IPv4 network in CIDR notation. Throws an error that names the text. */
export function requireNetwork(text: string): Ipv4Range {
  const range = text.includes("/") ? parseCidr(text) : undefined;
  if (range !== undefined) return range;
  throw new Error(`${JSON.stringify(text)} must be an IPv4 network, such as 10.42.0.0/16`);
}

/** The number of an address; undefined for what is none. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((number, part) => number * 256 + Number(part), 0);
}

/** The four bytes of an address. */
export function addressBytes(number: number): number[] {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);
}

/** The dotted form of an address. */
export function formatAddress(number: number): string {
  return addressBytes(number).join(".");
}

/** How many addresses a prefix of this length spans. */
export function rangeSize(prefixLength: number): number {
  return 2 ** (32 - prefixLength);
}

/** Whether two ranges have an address in common. */
export function overlap(a: Ipv4Range, b: Ipv4Range): boolean {
  return a.first < b.first + rangeSize(b.prefixLength) && b.first < a.first + rangeSize(a.prefixLength);
}
