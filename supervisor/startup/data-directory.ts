import { accessSync, constants, mkdirSync } from "node:fs";

/** Makes the data directory, readable by its owner alone. Throws an error that says why it cannot be written. */
export function prepareDataDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Error(
      `Data directory ${path} cannot be written (${why}): name another with --data-dir, or start as a user who may write there`,
      { cause: error },
    );
  }
}
