import type { ContainerConfig } from "../runtime.ts";

/** The image disks that a container needs; that of its root is the first. */
export function diskPathsOf({ imageDiskPath, mounts }: ContainerConfig): string[] {
  const mounted = mounts.flatMap((mount) => (mount.imageDiskPath === undefined ? [] : [mount.imageDiskPath]));
  return [...new Set([imageDiskPath, ...mounted])];
}
