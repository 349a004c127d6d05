import { join } from "node:path";
import type { Clock } from "../../supervisor/base/clock.ts";
import { timeoutSignal } from "../../supervisor/base/timeout-signal.ts";
import { type FileLock, fileLock } from "../images/store/file-lock.ts";
import { HostError } from "./host-error.ts";

/**
 * A daemon that was killed may have been starting a program: until that has become the program it holds what the daemon
 * held, which on a busy box takes a while.
 */
const patienceMs = 5000;

/**
 * Takes the data folder for this process; the kernel gives it back when the process ends. Throws {@link HostError} when
 * another still has it after a few seconds, and the signal's reason when that aborts first.
 */
export async function lockDataDir(dataDir: string, clock: Clock, signal: AbortSignal): Promise<FileLock> {
  const inUse = (): HostError =>
    new HostError(
      `Data folder ${dataDir} is in use by another pacific host: stop that one, or give another folder with --data-dir`,
    );
  const patience = timeoutSignal(clock, patienceMs, inUse, signal);
  try {
    return await fileLock(join(dataDir, "host.lock"), "exclusive", patience.signal);
  } finally {
    patience.stop();
  }
}
