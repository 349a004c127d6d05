import { messageOf } from "../../base/errors.ts";
import { StorageFailureError } from "../backend.ts";
import { sqliteCode } from "./database.ts";

/** Makes the error that callers see of one that SQLite threw, with what happened and what to do. */
export function storageFailure(action: string, path: string, cause: unknown): StorageFailureError {
  return new StorageFailureError(`${action} ${path} failed: ${explain(cause)}`, { cause });
}

function explain(cause: unknown): string {
  const code = sqliteCode(cause);
  const text = messageOf(cause);
  if (code === undefined) return text;
  if (code === "SQLITE_FULL") return "the disk is full, free some space and try again";
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    return `the file is not a sound SQLite database (${text}), restore it from a backup or move it away`;
  }
  if (code.startsWith("SQLITE_IOERR"))
    return `input/output error (${code}), check the disk and the kernel log`;
  if (code === "SQLITE_READONLY" || code === "SQLITE_CANTOPEN" || code === "SQLITE_PERM") {
    return `${text} (${code}), check the owner and the permissions of the file and its folder`;
  }
  return `${text} (${code})`;
}
