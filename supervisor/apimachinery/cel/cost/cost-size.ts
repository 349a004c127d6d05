/** Sizes and costs of which only limits are known; sums and products end at the greatest number that there is. */
export interface SizeRange {
  readonly min: number;
  readonly max: number;
}

/** The greatest 64-bit number, which stands for no limit. */
export const unlimited = 2 ** 64;

export const unknownSize: SizeRange = { min: 0, max: unlimited };

export function fixedSize(size: number): SizeRange {
  return { min: size, max: size };
}

export function plus(...costs: readonly number[]): number {
  return Math.min(
    costs.reduce((sum, cost) => sum + cost, 0),
    unlimited,
  );
}

export function times(left: number, right: number): number {
  return left === 0 || right === 0 ? 0 : Math.min(left * right, unlimited);
}

export function scaled(size: number, factor: number): number {
  return Math.min(Math.ceil(size * factor), unlimited);
}

export function addSizes(left: SizeRange, right: SizeRange): SizeRange {
  return { min: plus(left.min, right.min), max: plus(left.max, right.max) };
}

export function multiplySizes(left: SizeRange, right: SizeRange): SizeRange {
  return { min: times(left.min, right.min), max: times(left.max, right.max) };
}

/** What takes in both. */
export function joinSizes(left: SizeRange, right: SizeRange): SizeRange {
  return { min: Math.min(left.min, right.min), max: Math.max(left.max, right.max) };
}
