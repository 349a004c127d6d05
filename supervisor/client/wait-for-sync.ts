import type { Informer, KubernetesObject } from "./types.ts";

/** Resolves with true when all informers have their first list, with false when the signal aborts before. */
export async function waitForSync(
  signal: AbortSignal,
  ...informers: ReadonlyArray<Pick<Informer<KubernetesObject>, "synced">>
): Promise<boolean> {
  if (signal.aborted) return false;
  return await new Promise((resolve) => {
    const onAbort = (): void => resolve(false);
    signal.addEventListener("abort", onAbort, { once: true });
    void Promise.all(informers.map((informer) => informer.synced)).then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve(true);
    });
  });
}
