import { formatAddress, parseCidr } from "../../base/ipv4-network.ts";

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
