import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isFileMissing } from "../../../supervisor/base/errors.ts";

/** The files of a log from the oldest to the one in use; the latter also when it does not exist. */
export async function listLogFiles(path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const names = await readdir(folder).catch(() => []);
  const rotated = names.filter((name) => name.startsWith(prefix)).sort();
  return [...rotated.map((name) => join(folder, name)), path];
}

/** Undefined when there is no such file (any more). */
export async function openLogFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (isFileMissing(error)) return undefined;
    throw error;
  }
}

/** Which file a path means now; undefined when there is none. */
export async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (isFileMissing(error)) return undefined;
    throw error;
  }
}
