import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One file of a disk, as `unsquashfs -lln` shows it. */
export interface DiskFile {
  readonly path: string;
  /** As `ls -l` writes it, `drwxr-xr-x`. */
  readonly mode: string;
  /** Numbers, `uid/gid`. */
  readonly owner: string;
  /** Bytes; of a device its numbers, `1,3`. */
  readonly size: number | string;
  readonly linkTarget?: string;
}

/** What a disk holds, read back by a program that is not ours. */
export function listDisk(diskPath: string): DiskFile[] {
  const run = Bun.spawnSync(["unsquashfs", "-lln", "-dest", "", diskPath], {
    env: { ...process.env, TZ: "UTC" },
  });
  if (run.exitCode !== 0) throw new Error(`unsquashfs: ${run.stderr.toString()}`);
  const line = /^(\S{10}) (\d+\/\d+)\s+(\d+(?:,\s*\d+)?) \d{4}-\d\d-\d\d \d\d:\d\d (.*?)(?: -> (.*))?$/;
  return run.stdout
    .toString()
    .split("\n")
    .flatMap((text) => {
      const match = line.exec(text);
      if (match === null) return [];
      const [, mode = "", owner = "", size = "", path = "", linkTarget] = match;
      const isDevice = size.includes(",");
      return [
        {
          ...{ path: path === "" ? "/" : path, mode, owner },
          size: isDevice ? size.replaceAll(" ", "") : Number(size),
          ...(linkTarget === undefined ? {} : { linkTarget }),
        },
      ];
    });
}

/** A file's content on a disk. */
export function readDiskFile(diskPath: string, path: string): string {
  const run = Bun.spawnSync(["rdsquashfs", "--cat", path, diskPath]);
  if (run.exitCode !== 0) throw new Error(`rdsquashfs: ${run.stderr.toString()}`);
  return run.stdout.toString();
}

/** A folder of the test's own. */
export function temporaryTree(): string {
  return mkdtempSync(join(tmpdir(), "pacific-images-"));
}

export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
