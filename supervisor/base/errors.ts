/** What was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** What was thrown, in words. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether a system call failed because there is no such file or folder (`ENOENT`). */
export function isFileMissing(error: unknown): boolean {
  return Object(error).code === "ENOENT";
}
