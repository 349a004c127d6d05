import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Removes the logs of Pods whose UID nobody knows. */
export function removeStaleLogs(logRoot: string, knownUids: ReadonlySet<string>): void {
  const root = join(logRoot, "pods");
  for (const folder of listFolders(root)) {
    const uid = folder.slice(folder.lastIndexOf("_") + 1);
    if (!knownUids.has(uid)) rmSync(join(root, folder), { recursive: true, force: true });
  }
}

function listFolders(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
