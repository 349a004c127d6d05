import { createHash } from "node:crypto";
import type { Payload } from "./payload.ts";

/** Tells one payload from another, and is the same for the same files in any order. */
export function volumeVersion(payload: Payload): string {
  const hash = createHash("sha256");
  const byPath = [...payload].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, { content, mode, owner = 0 }] of byPath) {
    hash.update(JSON.stringify([path, mode, owner, content.length])).update(content);
  }
  return hash.digest("hex");
}
