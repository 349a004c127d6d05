/** Hands out subnets of one size from a larger IPv4 network, lowest first, and none twice. */
export class CidrAllocator {
  readonly #base: number;
  readonly #subnetPrefix: number;
  readonly #count: number;
  readonly #taken = new Set<number>();

  /** Throws where `network` is no IPv4 network in CIDR notation or has no room for a subnet. */
  constructor(network: string, subnetPrefix: number) {
    const { address, prefix } = parseCidr(network);
    if (prefix > subnetPrefix) {
      throw new Error(
        `Cluster CIDR ${network} is smaller than a node's /${subnetPrefix}: give a larger network`,
      );
    }
    this.#base = address;
    this.#subnetPrefix = subnetPrefix;
    this.#count = 2 ** (subnetPrefix - prefix);
  }

  /** Takes the lowest free subnet; undefined where none is left. */
  allocate(): string | undefined {
    for (let index = 0; index < this.#count; index++) {
      if (this.#taken.has(index)) continue;
      this.#taken.add(index);
      return `${formatAddress(this.#base + index * this.#size)}/${this.#subnetPrefix}`;
    }
    return undefined;
  }

  /** Marks a subnet as taken; false where it lies outside of the network or was taken before. */
  occupy(cidr: string): boolean {
    const index = this.#indexOf(cidr);
    if (index === undefined || this.#taken.has(index)) return false;
    this.#taken.add(index);
    return true;
  }

  release(cidr: string): void {
    const index = this.#indexOf(cidr);
    if (index !== undefined) this.#taken.delete(index);
  }

  get #size(): number {
    return 2 ** (32 - this.#subnetPrefix);
  }

  #indexOf(cidr: string): number | undefined {
    const { address, prefix } = parseCidr(cidr);
    const index = (address - this.#base) / this.#size;
    const inside =
      prefix === this.#subnetPrefix && Number.isInteger(index) && index >= 0 && index < this.#count;
    return inside ? index : undefined;
  }
}

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
