import { messageOf } from "../../supervisor/base/errors.ts";
import { ImageError } from "./image-service.ts";

/** The error for a full disk, wherever it was met. */
export function noSpaceError(directory: string, cause: unknown): ImageError {
  return new ImageError(
    "no-space",
    `no space left on the disk that holds ${directory}: free some or remove unused images`,
    { cause },
  );
}

/**
 * Any error as an {@link ImageError}: a full disk, an abort, and for all others `unavailable` with the error's text.
 * `directory` names the store in messages.
 */
export function asImageError(error: unknown, directory: string): ImageError {
  if (error instanceof ImageError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT") return noSpaceError(directory, error);
  if (error instanceof Error && error.name === "AbortError") {
    return new ImageError("aborted", "stopped before it was done", { cause: error });
  }
  return new ImageError("unavailable", messageOf(error), {
    cause: error,
  });
}
