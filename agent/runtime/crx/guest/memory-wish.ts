import type { FieldReader } from "../channel/fields.ts";
import { tag } from "../channel/protocol.ts";
import type { MemoryWish } from "../memory/machine-memory.ts";

/** A guest wishes for memory; told again after every hello until `acknowledge` is called. */
export interface MemoryWished {
  readonly wish: MemoryWish;
  acknowledge(): void;
}

/** Numbers that no machine can have are cut to some that it might. */
const mostBytes = 2n ** 50n;

export function readMemoryWish(fields: FieldReader): MemoryWish {
  const bytes = (fieldTag: number): number => {
    const value = fields.u64(fieldTag) ?? 0n;
    return Number(value < mostBytes ? value : mostBytes);
  };
  return { moreBytes: bytes(tag.memoryMore), lessBytes: bytes(tag.memoryLess) };
}
