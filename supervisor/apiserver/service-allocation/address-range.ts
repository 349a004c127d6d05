import { formatIp, type IpFamily, parseCidr } from "../../apimachinery/validation/ip-formats.ts";

const lowerBand = { min: 16, max: 256, step: 16 } as const;

/**
 * The addresses that Services get from one network: all but its first and, with IPv4, its last. Those that are chosen
 * by the server come from the upper part first, so that the lower is free for those that users choose (kubernetes
 * `pkg/registry/core/service/ipallocator`).
 */
export class AddressRange {
  readonly cidr: string;
  readonly family: IpFamily;
  readonly #network: bigint;
  readonly #first: bigint;
  readonly #last: bigint;
  /** How many addresses the lower part has. */
  readonly #lower: bigint;

  /** Throws a `RangeError` for a text that is no network. */
  constructor(cidr: string) {
    const parsed = parseCidr(cidr);
    if (parsed === undefined) throw new RangeError(`${JSON.stringify(cidr)} is no network in CIDR notation`);
    const { family, first, last } = parsed;
    this.cidr = parsed.canonical;
    this.family = family;
    this.#network = first;
    this.#first = first + 1n;
    this.#last = family === "IPv4" ? last - 1n : last;
    this.#lower = BigInt(lowerSize(last - first + 1n));
  }

  /** The network's own address, which nobody gets. */
  get network(): string {
    return formatIp(this.family, this.#network);
  }

  /** The first address that is given. */
  get first(): string {
    return formatIp(this.family, this.#first);
  }

  /** Whether the network has the address, given or not. */
  contains(value: bigint): boolean {
    return value >= this.#network && value <= this.#last + (this.family === "IPv4" ? 1n : 0n);
  }

  /** Whether the address can be given. */
  gives(value: bigint): boolean {
    return value >= this.#first && value <= this.#last;
  }

  /** All addresses in the order in which they are tried, from a random one of each part on. */
  *candidates(random: () => number): Generator<string> {
    const middle = this.#first + this.#lower;
    yield* this.#from(middle, this.#last, random);
    if (this.#lower > 0n) yield* this.#from(this.#first, middle - 1n, random);
  }

  *#from(first: bigint, last: bigint, random: () => number): Generator<string> {
    const size = last - first + 1n;
    if (size <= 0n) return;
    const limited = size > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(size);
    const start = BigInt(Math.floor(random() * limited));
    for (let index = 0n; index < size; index++) yield formatIp(this.family, first + ((start + index) % size));
  }
}

function lowerSize(size: bigint): number {
  if (size <= BigInt(lowerBand.min)) return 0;
  const share = size / BigInt(lowerBand.step);
  if (share < BigInt(lowerBand.min)) return lowerBand.min;
  return share > BigInt(lowerBand.max) ? lowerBand.max : Number(share);
}
