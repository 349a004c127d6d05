/**
 * Runs long-running parts side by side until the signal. When one fails or ends before that, the others are stopped
 * too; rejects with the first failure after all have stopped.
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
      } finally {
        stop.abort();
      }
    }),
  );
  for (const result of results) {
    if (result.status === "rejected" && !signal.aborted) throw result.reason;
  }
}
