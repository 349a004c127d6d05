import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  formatAddress,
  type Ipv4Range,
  parseAddress,
  rangeSize,
} from "../../supervisor/base/ipv4-network.ts";
import { NetworkError } from "./pod-network.ts";

/**
 * Gives the addresses of a range to keys. Each given address is a file that holds its key, made whole or not at all,
 * so that no address is given twice, whatever is killed at whatever moment.
 */
export class AddressPool {
  readonly #range: Ipv4Range;
  readonly #folder: string;
  readonly #byKey = new Map<string, number>();
  readonly #taken = new Set<number>();
  /** The address that was given last: the next search begins behind it, so that a freed one rests for a while. */
  #last: number;

  constructor(range: Ipv4Range, folder: string) {
    this.#range = range;
    this.#folder = folder;
    this.#last = this.gateway;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) this.#load(name);
  }

  /** The first address of the range is the host's own. */
  get gateway(): number {
    return this.#range.first + 1;
  }

  /** The keys that have an address, also those of an earlier run. */
  keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  addressOf(key: string): number | undefined {
    return this.#byKey.get(key);
  }

  /** The key's address, a new one where it has none. Throws {@link NetworkError} when none is left. */
  allocate(key: string): number {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const usable = rangeSize(this.#range.prefixLength) - 3;
    const start = this.#last - this.gateway;
    for (let step = 0; step < usable; step++) {
      const address = this.gateway + 1 + ((start + step) % usable);
      if (!this.#taken.has(address) && this.#record(address, key)) return address;
    }
    throw new NetworkError(
      "exhausted",
      `All ${Math.max(usable, 0)} addresses of ${formatAddress(this.#range.first)}/${this.#range.prefixLength} are in use`,
    );
  }

  release(key: string): void {
    const address = this.#byKey.get(key);
    if (address === undefined) return;
    rmSync(join(this.#folder, formatAddress(address)), { force: true });
    this.#byKey.delete(key);
    this.#taken.delete(address);
  }

  #record(address: number, key: string): boolean {
    const file = join(this.#folder, formatAddress(address));
    const draft = join(this.#folder, `.${process.pid}.draft`);
    writeFileSync(draft, key);
    try {
      linkSync(draft, file);
    } catch (error) {
      // Another daemon on the same folder was faster; any other fault is one.
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      this.#taken.add(address);
      return false;
    } finally {
      rmSync(draft, { force: true });
    }
    this.#byKey.set(key, address);
    this.#taken.add(address);
    this.#last = address;
    return true;
  }

  /** A draft, or a file that a power cut left empty, is nobody's. */
  #load(name: string): void {
    const file = join(this.#folder, name);
    const address = parseAddress(name);
    const key = address === undefined ? "" : readFileSync(file, "utf8");
    if (address === undefined || key === "" || this.#byKey.has(key)) {
      rmSync(file, { force: true });
      return;
    }
    this.#byKey.set(key, address);
    this.#taken.add(address);
  }
}
