import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../supervisor/base/write-file-atomic.ts";

/** The range that this node's Pods had at the last start; undefined where there was none. */
export function storedPodCidr(dataDir: string): string | undefined {
  try {
    return readFileSync(pathOf(dataDir), "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the range for a start at which the API server is not there. It goes with the network (`host clean`). */
export async function storePodCidr(dataDir: string, podCidr: string): Promise<void> {
  if (storedPodCidr(dataDir) === podCidr) return;
  await mkdir(join(dataDir, "network"), { recursive: true });
  await writeFileAtomic(pathOf(dataDir), `${podCidr}\n`, 0o600);
}

function pathOf(dataDir: string): string {
  return join(dataDir, "network", "pod-cidr");
}
