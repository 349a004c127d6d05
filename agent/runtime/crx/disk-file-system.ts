import { open } from "node:fs/promises";
import { messageOf } from "../../../supervisor/base/errors.ts";
import { RuntimeError } from "../runtime.ts";

const erofsMagicOffset = 1024;
const erofsMagic = 0xe0f5e1e2;
const squashfsMagic = 0x73717368;

/** The file system on an image's disk, by its magic number. Throws {@link RuntimeError} `create-failed`. */
export async function diskFileSystem(path: string): Promise<"squashfs" | "erofs"> {
  const head = Buffer.alloc(erofsMagicOffset + 4);
  try {
    const file = await open(path, "r");
    await file.read(head, 0, head.length, 0).finally(() => file.close());
  } catch (error) {
    const text = messageOf(error);
    throw new RuntimeError("create-failed", `Image disk ${path} cannot be read: ${text}`, { cause: error });
  }
  if (head.readUInt32LE(0) === squashfsMagic) return "squashfs";
  if (head.readUInt32LE(erofsMagicOffset) === erofsMagic) return "erofs";
  throw new RuntimeError("create-failed", `Image disk ${path} is neither squashfs nor erofs`);
}
