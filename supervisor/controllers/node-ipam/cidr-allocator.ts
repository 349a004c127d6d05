import { formatAddress, rangeSize, requireNetwork } from "../../base/ipv4-network.ts";

/** Hands out subnets of one size from a larger IPv4 network, lowest first, and none twice. */
export class CidrAllocator {
  readonly #base: number;
  readonly #subnetPrefix: number;
  readonly #count: number;
  readonly #taken = new Set<number>();

  /** Throws where `network` is no IPv4 network in CIDR notation or has no room for a subnet. */
  constructor(network: string, subnetPrefix: number) {
    const { first, prefixLength } = requireNetwork(network);
    if (prefixLength > subnetPrefix) {
      throw new Error(
        `Cluster CIDR ${network} is smaller than a node's /${subnetPrefix}: give a larger network`,
      );
    }
    this.#base = first;
    this.#subnetPrefix = subnetPrefix;
    this.#count = 2 ** (subnetPrefix - prefixLength);
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
    return rangeSize(this.#subnetPrefix);
  }

  #indexOf(cidr: string): number | undefined {
    const { first, prefixLength } = requireNetwork(cidr);
    const index = (first - this.#base) / this.#size;
    const inside =
      prefixLength === this.#subnetPrefix && Number.isInteger(index) && index >= 0 && index < this.#count;
    return inside ? index : undefined;
  }
}
