import { AllocationError } from "./allocation-error.ts";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The node ports of upstream's default. */
export const defaultNodePorts: PortRange = { first: 30_000, last: 32_767 };

const lowerBand = { min: 16, max: 128, step: 32 } as const;

/**
 * Which node ports are taken: those of the stored Services and those of writes under way (kubernetes
 * `pkg/registry/core/service/portallocator`, with its texts).
 */
export class PortAllocator {
  readonly #range: PortRange;
  readonly #random: () => number;
  readonly #byService = new Map<string, readonly number[]>();
  /** How many Services have a port. */
  readonly #taken = new Map<number, number>();
  readonly #underWay = new Set<number>();

  constructor(range: PortRange, random: () => number) {
    this.#range = range;
    this.#random = random;
  }

  /** Takes note of a stored Service's ports; none where it is gone. */
  follow(service: string, ports: readonly number[]): void {
    for (const port of this.#byService.get(service) ?? []) this.#count(port, -1);
    for (const port of ports) this.#count(port, 1);
    if (ports.length === 0) this.#byService.delete(service);
    else this.#byService.set(service, ports);
  }

  #count(port: number, change: 1 | -1): void {
    const count = (this.#taken.get(port) ?? 0) + change;
    if (count === 0) this.#taken.delete(port);
    else this.#taken.set(port, count);
  }

  /** Begins the choice of one write's ports. */
  begin(): PortOperation {
    return new PortOperation(this);
  }

  /** Takes a port for a write under way. Throws an {@link AllocationError}. */
  reserve(port: number): void {
    const { first, last } = this.#range;
    if (port < first || port > last) {
      throw new AllocationError(
        `provided port is not in the valid range. The range of valid ports is ${first}-${last}`,
      );
    }
    if (!this.#isFree(port)) throw new AllocationError("provided port is already allocated");
    this.#underWay.add(port);
  }

  /** Takes any free port, one above the part for those that users choose if there is one. */
  reserveNext(): number {
    const { first, last } = this.#range;
    const lower = lowerSize(last - first + 1);
    const port = this.#find(first + lower, last) ?? this.#find(first, first + lower - 1);
    if (port === undefined) throw new AllocationError("range is full");
    this.#underWay.add(port);
    return port;
  }

  /** The write has ended: the stored Service says what it has. */
  release(port: number): void {
    this.#underWay.delete(port);
  }

  #find(first: number, last: number): number | undefined {
    const size = last - first + 1;
    const start = Math.floor(this.#random() * size);
    for (let index = 0; index < size; index++) {
      const port = first + ((start + index) % size);
      if (this.#isFree(port)) return port;
    }
    return undefined;
  }

  #isFree(port: number): boolean {
    return !this.#taken.has(port) && !this.#underWay.has(port);
  }
}

/** The ports that one write takes; none of them counts twice. */
export class PortOperation {
  readonly #allocator: PortAllocator;
  readonly #ports = new Set<number>();

  constructor(allocator: PortAllocator) {
    this.#allocator = allocator;
  }

  /** Throws an {@link AllocationError}. */
  allocate(port: number): void {
    this.#allocator.reserve(port);
    this.#ports.add(port);
  }

  /** Throws an {@link AllocationError}. */
  allocateNext(): number {
    const port = this.#allocator.reserveNext();
    this.#ports.add(port);
    return port;
  }

  finish(): void {
    for (const port of this.#ports) this.#allocator.release(port);
  }
}

function lowerSize(size: number): number {
  if (size <= lowerBand.min) return 0;
  return Math.min(Math.max(Math.floor(size / lowerBand.step), lowerBand.min), lowerBand.max);
}
