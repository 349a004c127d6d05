/** An IPv4 network's first address, as a number, and its prefix. Throws an error that names the text. */
export function parseCidr(text: string): { readonly address: number; readonly prefix: number } {
  const [, a, b, c, d, length] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text) ?? [];
  const octets = [a, b, c, d].map(Number);
  const prefix = Number(length);
  if (!octets.every((octet) => octet <= 255) || !(prefix <= 32)) {
    throw new Error(`${JSON.stringify(text)} must be an IPv4 network, such as 10.42.0.0/16`);
  }
  const size = 2 ** (32 - prefix);
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { address: Math.floor(address / size) * size, prefix };
}

/** The dotted form of an IPv4 address. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** Whether two networks in CIDR notation have an address in common. Throws as {@link parseCidr}. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  const size = 2 ** (32 - Math.min(a.prefix, b.prefix));
  return Math.floor(a.address / size) === Math.floor(b.address / size);
}
