import type { Clock } from "./clock.ts";

/** A signal that aborts with `reason` after a time, or with the other signal's reason before; stop the clock when done. */
export function timeoutSignal(
  clock: Clock,
  timeoutMs: number,
  reason: () => Error,
  other?: AbortSignal,
): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const stop = clock.after(timeoutMs, () => controller.abort(reason()));
  const signal = other ? AbortSignal.any([controller.signal, other]) : controller.signal;
  return { signal, stop };
}
