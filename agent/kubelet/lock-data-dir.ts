import { join } from "node:path";
import { type FileLock, tryFileLock } from "../images/store/file-lock.ts";
import { HostError } from "./host-error.ts";

/** Takes the data folder for this process; the kernel gives it back when the process ends. Throws {@link HostError}. */
export async function lockDataDir(dataDir: string): Promise<FileLock> {
  const lock = await tryFileLock(join(dataDir, "host.lock"), "exclusive");
  if (lock) return lock;
  throw new HostError(
    `Data folder ${dataDir} is in use by another pacific host: stop that one, or give another folder with --data-dir`,
  );
}
