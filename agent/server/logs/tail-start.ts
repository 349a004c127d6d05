import type { FileHandle } from "node:fs/promises";
import { openLogFile } from "./log-files.ts";

const blockBytes = 64 * 1024;
const newline = 10;

export interface LogPosition {
  /** An index into the list of files. */
  readonly file: number;
  readonly offsetBytes: number;
}

/** Where the last `lines` entries of the files begin. The files are read from their ends. */
export async function findTailStart(files: readonly string[], lines: number): Promise<LogPosition> {
  let wanted = lines;
  for (let file = files.length - 1; file >= 0; file--) {
    const handle = await openLogFile(files[file] ?? "");
    if (handle === undefined) continue;
    try {
      const found = await scanBackwards(handle, wanted);
      if (found.offsetBytes !== undefined) return { file, offsetBytes: found.offsetBytes };
      wanted -= found.lines;
    } finally {
      await handle.close();
    }
  }
  return { file: 0, offsetBytes: 0 };
}

/** The offset after which `wanted` lines follow; or, when the file has fewer, how many it has. */
async function scanBackwards(
  handle: FileHandle,
  wanted: number,
): Promise<{ offsetBytes?: number; lines: number }> {
  const { size } = await handle.stat();
  const block = Buffer.alloc(blockBytes);
  let lines = 0;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - blockBytes);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    if (bytesRead < end - start) break;
    for (
      let at = block.lastIndexOf(newline, bytesRead - 1);
      at !== -1;
      at = at === 0 ? -1 : block.lastIndexOf(newline, at - 1)
    ) {
      if (lines === wanted) return { offsetBytes: start + at + 1, lines };
      lines++;
    }
    end = start;
  }
  return wanted === 0
    ? { offsetBytes: size, lines }
    : lines === wanted
      ? { offsetBytes: 0, lines }
      : { lines };
}
