import type { FileHandle } from "node:fs/promises";

/** How far a container's output is in its log: what {@link LogFile} goes back to after a crash between two writes. */
export interface LogPosition {
  /** The log file's inode number: after a rotation another one. */
  readonly inode: number;
  /** The log file's size in bytes after the last whole batch. */
  readonly size: number;
  /** Bytes of each stream that are in the log. */
  readonly stdout: number;
  readonly stderr: number;
}

/** Always the same length and within one page, so that a killed process leaves the old text or the new one. */
const recordBytes = 256;

export async function readLogPosition(file: FileHandle): Promise<LogPosition | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(recordBytes), 0, recordBytes, 0);
  if (bytesRead === 0) return undefined;
  // Only `writeLogPosition` writes this file.
  return JSON.parse(buffer.toString("utf8", 0, bytesRead)) as LogPosition;
}

/** No fsync: the record has to outlive this process, not the box, whose loss ends the machines too. */
export async function writeLogPosition(file: FileHandle, position: LogPosition): Promise<void> {
  await file.write(Buffer.from(JSON.stringify(position).padEnd(recordBytes)), 0, recordBytes, 0);
}
