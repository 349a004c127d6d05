import { eventually } from "./eventually.ts";

/** {@link eventually} for a check whose own text tells what is awaited. */
export function waitUntil<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  return eventually(String(check), timeoutMs, check);
}
