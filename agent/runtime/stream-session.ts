import type { Readable, Writable } from "node:stream";

export interface ExecOptions {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** A process or an attachment with its streams. With a terminal `stderr` is absent and all output is in `stdout`. */
export interface StreamSession {
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
  resize(columns: number, rows: number): void;
  /** Resolves when the process has ended (exec) or the container has (attach). Rejects when its VM is gone. */
  readonly exit: Promise<{ readonly exitCode: number; readonly signal?: number }>;
  /** Ends the session; an exec's process gets SIGKILL, an attached container goes on. May be called twice. */
  close(): void;
}
