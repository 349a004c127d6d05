import type { Stats } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";

/** What each type of hostPath wants to find (Kubernetes, "hostPath volume types"). */
const checks: Readonly<Record<string, { readonly is: (found: Stats) => boolean; readonly name: string }>> = {
  Directory: { is: (found) => found.isDirectory(), name: "a directory" },
  File: { is: (found) => found.isFile(), name: "a file" },
  Socket: { is: (found) => found.isSocket(), name: "a socket file" },
  CharDevice: { is: (found) => found.isCharacterDevice(), name: "a character device" },
  BlockDevice: { is: (found) => found.isBlockDevice(), name: "a block device" },
};

/**
 * Makes a path of the host ready to be shown to a Pod, or throws in the kubelet's words. Without a type, what is absent
 * becomes a folder.
 */
export async function prepareHostPath(path: string, type = ""): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  const wanted = type.replace("OrCreate", "");
  if (!found && (type === "" || type === "DirectoryOrCreate")) {
    await mkdir(path, { recursive: true, mode: 0o755 });
    return;
  }
  if (!found && type === "FileOrCreate") {
    await (await open(path, "a", 0o644)).close();
    return;
  }
  const check = checks[wanted];
  if (!check) return;
  if (!found || !check.is(found)) {
    throw new Error(`hostPath type check failed: ${path} is not ${check.name}`);
  }
}
