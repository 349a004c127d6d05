import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isRunning, type ProcessIdentity } from "../../../supervisor/base/process-identity.ts";
import type { HostVolume } from "../mounted-volume.ts";
import { RuntimeError } from "../runtime.ts";
import { readLogTail } from "./machine.ts";
import { filesSocketName } from "./qemu/command-line.ts";
import type { RuntimeContext } from "./runtime-context.ts";

/** The empty folder that becomes all that the file server sees. */
const rootName = "files";

export interface FileServer {
  readonly identity: ProcessIdentity;
  /** Rejects when it ends, with what it said; never settles for one that an earlier daemon started. */
  readonly failed: Promise<never>;
}

export interface FileServerPlace {
  readonly sandboxId: string;
  readonly directory: string;
  /** The one that serves this sandbox already, as far as known. */
  readonly known: ProcessIdentity | undefined;
}

/**
 * Starts the program that serves folders of the host to a sandbox's machine (`host-images/file-server`), unless it runs.
 * It connects to the machine's port for files, outlives the daemon and ends with the machine.
 */
export async function startFileServer(
  context: RuntimeContext,
  { sandboxId, directory, known }: FileServerPlace,
  volumes: readonly HostVolume[],
): Promise<FileServer> {
  if (known && isRunning(known)) return { identity: known, failed: new Promise(() => {}) };
  const root = join(directory, rootName);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const shares = volumes.flatMap(({ name, path, readOnly }) => [name, readOnly ? "ro" : "rw", path]);
  const { identity, exited } = await context.spawn({
    command: context.guestImage.fileServerPath,
    args: [join(directory, filesSocketName), root, ...shares],
    directory,
    unitName: `pacific-files-${sandboxId}`,
  });
  const failed = exited.then(async () => {
    const said = await readLogTail(directory);
    throw new RuntimeError("create-failed", `The server of the host's folders ended: ${said}`);
  });
  failed.catch(() => {});
  return { identity, failed };
}
