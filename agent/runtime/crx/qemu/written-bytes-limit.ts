import { readFile } from "node:fs/promises";
import { RuntimeError } from "../../runtime.ts";
import { libc } from "../template/libc.ts";

/** `RLIMIT_FSIZE` of asm-generic/resource.h */
const fileSize = 1;

/**
 * Lets a process write files of so many bytes while `use` runs, where its jail has a lower limit. Throws
 * {@link RuntimeError} `create-failed` where this host may not raise it (that takes CAP_SYS_RESOURCE), and what `use`
 * throws.
 */
export async function withWrittenBytes<T>(pid: number, bytes: number, use: () => Promise<T>): Promise<T> {
  const limit = await writtenBytesLimit(pid);
  if (limit >= bytes) return await use();
  if (!setLimit(pid, bytes)) {
    const text = `The machine's jail lets it write files of ${limit} bytes, expected ${bytes}: a host that runs as root may change that`;
    throw new RuntimeError("create-failed", text);
  }
  try {
    return await use();
  } finally {
    // A process that has ended meanwhile has no limits.
    setLimit(pid, limit);
  }
}

function setLimit(pid: number, bytes: number): boolean {
  const limit = new BigUint64Array([BigInt(bytes), BigInt(bytes)]);
  return libc().prlimit(pid, fileSize, limit, null) === 0;
}

async function writtenBytesLimit(pid: number): Promise<number> {
  const limits = await readFile(`/proc/${pid}/limits`, "utf8");
  const [, soft = "unlimited"] = /^Max file size\s+(\S+)/m.exec(limits) ?? [];
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}
