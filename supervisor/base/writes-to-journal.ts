import { fstatSync } from "node:fs";

/**
 * Whether standard error is systemd's journal: the device and inode of the stream that the journal gave the service are
 * in a variable, which children inherit whose streams are others (systemd.exec(5)).
 */
export function writesToJournal(stream = process.env.JOURNAL_STREAM, descriptor = 2): boolean {
  if (!stream) return false;
  try {
    const { dev, ino } = fstatSync(descriptor);
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
