/**
 * Runs long-running parts side by side until the signal. When one fails, the others are stopped too; rejects with the
 * first failure after all have stopped.
 */
export async function together(
  signal: AbortSignal,
  parts: ReadonlyArray<(signal: AbortSignal) => Promise<void>>,
): Promise<void> {
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  const results = await Promise.allSettled(
    parts.map(async (part) => {
      try {
        await part(all);
      } catch (error) {
        stop.abort();
        throw error;
      }
    }),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed && !signal.aborted) throw failed.reason;
}
