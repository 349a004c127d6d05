/** Addresses and their texts (Go's `net/netip`). */

export interface IpAddress {
  /** 4 or 16. */
  readonly bytes: readonly number[];
  /** An IPv6 zone, `eth0`; empty for none. */
  readonly zone: string;
}

function parseV4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** The bytes of groups of hexadecimal digits; the last one may be an IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (index === groups.length - 1 && group.includes(".")) {
      const embedded = parseV4(group);
      if (embedded === undefined) return undefined;
      bytes.push(...embedded);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
}

function parseV6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "");
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : undefined;
  return missing < 2 ? undefined : [...head, ...Array<number>(missing).fill(0), ...tail];
}

/** Undefined for what is no address. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (!text.includes(":")) {
    const bytes = parseV4(text);
    return bytes && { bytes, zone: "" };
  }
  const percent = text.indexOf("%");
  const bytes = parseV6(percent < 0 ? text : text.slice(0, percent));
  const zone = percent < 0 ? "" : text.slice(percent + 1);
  return bytes === undefined || (percent >= 0 && zone === "") ? undefined : { bytes, zone };
}

/** Whether an IPv6 address stands for one of IPv4: `::ffff:1.2.3.4`. */
export function isMapped({ bytes }: IpAddress): boolean {
  return bytes.length === 16 && bytes.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 255));
}

/** The longest run of zero groups, at least two, the first of those. */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** The canonical text (RFC 5952). */
export function ipAddressText({ bytes }: IpAddress): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0),
  );
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  const { start, length } = longestZeroRun(groups);
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** The address with all bits after the first `length` cleared. */
export function maskedAddress({ bytes }: IpAddress, length: number): IpAddress {
  const masked = bytes.map((byte, index) => {
    const kept = Math.min(Math.max(length - index * 8, 0), 8);
    return byte & ~(255 >> kept) & 255;
  });
  return { bytes: masked, zone: "" };
}
