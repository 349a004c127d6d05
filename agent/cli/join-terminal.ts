import { finished } from "node:stream/promises";
import type { StreamSession } from "../runtime/stream-session.ts";

/** The caller's own streams. */
export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

interface JoinedTerminal {
  /** Resolves when all output of a session that has ended was written. */
  drained(): Promise<void>;
  /** Ends the session's streams and gives the terminal back as it was. */
  leave(): void;
}

/**
 * Joins a session to the caller's streams. With a terminal on both sides each key goes to the session as it is, and the
 * size follows the window.
 */
export function joinTerminal(
  session: StreamSession,
  { stdin, stdout, stderr }: TerminalStreams,
  tty: boolean,
): JoinedTerminal {
  const raw = tty && stdin.isTTY && session.stdin !== undefined;
  const resize = (): void => session.resize(stdout.columns, stdout.rows);
  if (raw) stdin.setRawMode(true);
  if (tty && stdout.isTTY) {
    resize();
    stdout.on("resize", resize);
  }
  // With a terminal the end of the input is a key that was typed, and the session ends with the process.
  if (session.stdin) stdin.pipe(session.stdin, { end: !tty });
  const outputs = [session.stdout, session.stderr].filter((stream) => stream !== undefined);
  const ends = outputs.map((output) => finished(output).catch(() => {}));
  session.stdout?.pipe(stdout, { end: false });
  session.stderr?.pipe(stderr, { end: false });
  return {
    drained: async () => {
      await Promise.all(ends);
    },
    leave: () => {
      stdout.off("resize", resize);
      if (session.stdin) {
        stdin.unpipe(session.stdin);
        stdin.pause();
      }
      if (raw) stdin.setRawMode(false);
      session.close();
    },
  };
}
