import { createHash } from "node:crypto";

const serialLength = 20;

/** What a guest knows the disk of a volume by. It follows from the name, so that it needs no record. */
export function volumeSerial(name: string): string {
  return createHash("sha256").update(`volume ${name}`).digest("hex").slice(0, serialLength);
}
