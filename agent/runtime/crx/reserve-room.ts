import { type FileHandle, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { RuntimeError } from "../runtime.ts";
import { libc } from "./template/libc.ts";

/** What is reserved at a time, so that nobody waits long for a large file. */
const pieceBytes = 16 * 2 ** 30;

/**
 * Makes a new file so large, with room on the host's disk for all of it where its file system can promise that. Throws
 * {@link RuntimeError} `invalid` where there is less.
 */
export async function reserveRoom(file: FileHandle, path: string, bytes: number): Promise<void> {
  await checkRoom(path, bytes);
  await file.truncate(bytes);
  for (let at = 0; at < bytes; at += pieceBytes) {
    const piece = Math.min(pieceBytes, bytes - at);
    if (libc().fallocate(file.fd, 0, at, piece) !== 0) {
      // Somebody else was quicker, or this file system promises nothing.
      await checkRoom(path, bytes - at);
      return;
    }
    await setImmediate();
  }
}

async function checkRoom(path: string, bytes: number): Promise<void> {
  const folder = dirname(path);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new RuntimeError("invalid", `No room in ${folder}: ${free} bytes are free, expected ${bytes}`);
}
