import { createHash, randomInt } from "node:crypto";

/** In the part of the numbers that systemd's table of users leaves to nobody (UIDS-GIDS), up to 2,096,608,000. */
const firstBase = 1_900_000_000;
const rangeSize = 1 << 16;
const ranges = 3000;

/**
 * The users of one host's machines, from a range of its own: of two machines that live none has the other's. A number
 * has no name and no home, and no file of the host belongs to it.
 */
export class JailUsers {
  readonly #base: number;
  readonly #taken = new Set<number>();

  /** `base` is the first of 65,536 numbers; without it the data folder's name decides, so that instances differ. */
  constructor(dataDir: string, base: number = defaultBase(dataDir)) {
    this.#base = base;
  }

  /** A number that no machine has. It is not the one that was given back last: its process may still be ending. */
  allocate(): number {
    if (this.#taken.size === rangeSize) throw new Error(`All ${rangeSize} users of machines are taken`);
    for (;;) {
      const user = this.#base + randomInt(rangeSize);
      if (this.#taken.has(user)) continue;
      this.#taken.add(user);
      return user;
    }
  }

  /** Takes the number that a machine of an earlier daemon has. */
  adopt(user: number): void {
    this.#taken.add(user);
  }

  /** Gives a number back; the machine's process is gone. */
  release(user: number): void {
    this.#taken.delete(user);
  }

  /** Whether the number is of the range, taken or not. */
  includes(user: number): boolean {
    return user >= this.#base && user < this.#base + rangeSize;
  }
}

function defaultBase(dataDir: string): number {
  const digest = createHash("sha256").update(dataDir).digest();
  return firstBase + (digest.readUInt32BE() % ranges) * rangeSize;
}
