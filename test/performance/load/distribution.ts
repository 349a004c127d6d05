/** What is told of many durations, in milliseconds. */
export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
}

export function distribution(values: Iterable<number>): Distribution {
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  const at = (part: number): number => sorted[Math.min(count - 1, Math.floor(count * part))] ?? Number.NaN;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return { count, p50: at(0.5), p99: at(0.99), max: at(1), mean: sum / count };
}

/** The middle one of a few figures: what is told where runs on a shared machine differ. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that `part` of the values, from 0 to 1, lie below. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
