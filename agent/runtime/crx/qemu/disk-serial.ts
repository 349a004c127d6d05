import { createHash } from "node:crypto";

/** The longest that a virtio-blk device has. */
const serialLength = 20;

/** What a guest knows an image's disk by. It follows from the path, so that it needs no record. */
export function diskSerial(path: string): string {
  return serialOf(path);
}

/** What a guest knows the disk of a volume by. It follows from the name, so that it needs no record. */
export function volumeSerial(name: string): string {
  return serialOf(`volume ${name}`);
}

function serialOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, serialLength);
}
