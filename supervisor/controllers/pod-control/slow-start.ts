/**
 * Calls `start` so many times, first once, then twice, four times … at the same time, and no more after the first batch
 * with a failure: what fails for all is not tried for all (kubernetes `slowStartBatch`). Returns how many succeeded, and
 * the first failure.
 */
export async function slowStart(
  count: number,
  start: () => Promise<void>,
): Promise<{ readonly succeeded: number; readonly failure?: unknown }> {
  let succeeded = 0;
  for (let batch = 1, left = count; left > 0; left -= batch, batch *= 2) {
    batch = Math.min(batch, left);
    const results = await Promise.allSettled(Array.from({ length: batch }, start));
    const failed = results.find((result) => result.status === "rejected");
    succeeded += results.filter(({ status }) => status === "fulfilled").length;
    if (failed !== undefined) return { succeeded, failure: failed.reason };
  }
  return { succeeded };
}
