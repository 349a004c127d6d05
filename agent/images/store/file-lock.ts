import { dlopen, FFIType } from "bun:ffi";
import { type FileHandle, open, stat } from "node:fs/promises";
import { sleep } from "../../../supervisor/base/signals.ts";

/**
 * A lock on a file between processes and within one (flock(2)). The kernel drops it with the process, however that
 * ends, so no stale lock is ever left.
 */
export interface FileLock {
  readonly handle: FileHandle;
  release(): Promise<void>;
}

const lockShared = 1;
const lockExclusive = 2;
const lockNonBlocking = 4;
const retryMs = 50;

/** Takes the lock at once, or returns undefined when somebody else holds it. Creates the file where it is absent. */
export async function tryFileLock(path: string, mode: "shared" | "exclusive"): Promise<FileLock | undefined> {
  for (;;) {
    const handle = await open(path, "a+", 0o600);
    const operation = (mode === "shared" ? lockShared : lockExclusive) | lockNonBlocking;
    if (libc().flock(handle.fd, operation) !== 0) {
      await handle.close();
      return undefined;
    }
    // Its last holder may have renamed or removed the file between our open and our lock.
    if (await isStillAt(handle, path)) return { handle, release: () => handle.close() };
    await handle.close();
  }
}

/** Waits for the lock; rejects with the signal's reason when it aborts first. */
export async function fileLock(
  path: string,
  mode: "shared" | "exclusive",
  signal: AbortSignal,
): Promise<FileLock> {
  for (;;) {
    signal.throwIfAborted();
    const lock = await tryFileLock(path, mode);
    if (lock !== undefined) return lock;
    // flock gives no notice without blocking a thread; this loop runs only while another holds the lock.
    await sleep(retryMs, signal);
  }
}

async function isStillAt(handle: FileHandle, path: string): Promise<boolean> {
  const held = await handle.stat();
  const named = await stat(path).catch(() => undefined);
  return named !== undefined && named.ino === held.ino && named.dev === held.dev;
}

let loaded: ReturnType<typeof loadLibc> | undefined;

function libc(): ReturnType<typeof loadLibc> {
  loaded ??= loadLibc();
  return loaded;
}

/** Neither Bun nor node:fs has flock. */
function loadLibc() {
  return dlopen("libc.so.6", {
    flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  }).symbols;
}
