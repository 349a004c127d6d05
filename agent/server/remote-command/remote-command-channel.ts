import type { Readable, Writable } from "node:stream";
import type { Status } from "../../../supervisor/apimachinery/errors.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The client's side of exec and attach, over whatever protocol. */
export interface RemoteCommandChannel {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  /** Calls the listener with each new size, also with one that came before. */
  onResize(listener: (size: TerminalSize) => void): void;
  /** Tells the outcome and closes, after what was written to stdout and stderr. */
  finish(status: Status): Promise<void>;
  /** Resolves when the client has gone, or {@link finish} is through. */
  readonly closed: Promise<void>;
}

/** Reads kubectl's `{"Width":80,"Height":24}`; undefined when it is none. */
export function parseTerminalSize(text: string): TerminalSize | undefined {
  try {
    const size: unknown = JSON.parse(text);
    if (typeof size !== "object" || size === null || !("Width" in size) || !("Height" in size))
      return undefined;
    const { Width: columns, Height: rows } = size;
    const fits = (value: unknown): value is number =>
      Number.isInteger(value) && Number(value) > 0 && Number(value) < 65536;
    return fits(columns) && fits(rows) ? { columns, rows } : undefined;
  } catch {
    return undefined;
  }
}
