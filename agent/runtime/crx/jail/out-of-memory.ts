import { closeSync, constants, openSync, readSync } from "node:fs";

const recordBytes = 8192;
/** The kernel's log holds fewer: a mebibyte at most by default. */
const maxRecords = 100_000;

/** Whether the kernel killed a process in one of these groups or scopes because the group's memory was used up. */
export function wasOutOfMemory(names: readonly string[], log = "/dev/kmsg"): boolean {
  return readKernelLog(log).some((record) => names.some((name) => isOutOfMemory(record, name)));
}

/** Reads a record of the kernel's log that tells of a kill, as `oom-kill:constraint=CONSTRAINT_MEMCG,…`. */
export function isOutOfMemory(record: string, name: string): boolean {
  const group = /oom-kill:constraint=CONSTRAINT_MEMCG,.*\btask_memcg=([^,]+)/.exec(record)?.[1];
  const last = group?.split("/").at(-1);
  return last === name || last === `${name}.scope`;
}

/** One record for each read, the oldest first (Documentation/ABI/testing/dev-kmsg); none where it cannot be read. */
function readKernelLog(path: string): string[] {
  const records: string[] = [];
  let log: number;
  try {
    log = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return records;
  }
  const buffer = Buffer.alloc(recordBytes);
  try {
    while (records.length < maxRecords) {
      const length = readRecord(log, buffer);
      if (length === 0) break;
      if (length !== undefined) records.push(buffer.toString("latin1", 0, length));
    }
  } finally {
    closeSync(log);
  }
  return records;
}

/** The record's length; 0 at the end, undefined where records were lost meanwhile. */
function readRecord(log: number, buffer: Buffer): number | undefined {
  try {
    return readSync(log, buffer);
  } catch (error) {
    return Object(error).code === "EPIPE" ? undefined : 0;
  }
}
