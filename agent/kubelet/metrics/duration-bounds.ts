/** Upper bounds in seconds of most of the kubelet's histograms (Prometheus' `DefBuckets`). */
export const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `count` bounds, each `factor` times the one before, computed as upstream so that the labels are the same. */
export function exponentialBounds(start: number, factor: number, count: number): readonly number[] {
  const bounds = [start];
  for (let last = start; bounds.length < count; bounds.push(last)) last *= factor;
  return bounds;
}
