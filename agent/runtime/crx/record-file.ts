import { readFile } from "node:fs/promises";
import { writeFileAtomic } from "../../../supervisor/base/write-file-atomic.ts";

/** Replaces a JSON file durably: whoever reads it finds the old value or the new one. */
export async function writeRecord(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, 0o600);
}

/** The JSON value in a file that {@link writeRecord} wrote; undefined when there is none or it cannot be read. */
export async function readRecord(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
