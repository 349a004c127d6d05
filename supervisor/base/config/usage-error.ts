/** How the program ends: 0 is success. */
export const exitCodes = { failure: 1, usage: 2, interrupted: 130 } as const;

/** The program was called in a way that it cannot do; ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
