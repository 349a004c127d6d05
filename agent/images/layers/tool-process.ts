import { setImmediate } from "node:timers/promises";

/** A program that reads from its standard input. */
export interface ToolProcess {
  /** Hands over a chunk; resolves when the program keeps up. Rejects when it has ended. */
  write(chunk: Uint8Array): Promise<void>;
  /** Closes the input and resolves with how the program ended; may be called twice and after a failed write. */
  finish(): Promise<ToolResult>;
  kill(): void;
}

export interface ToolResult {
  readonly exitCode: number;
  /** The end of its standard error. */
  readonly stderr: string;
}

export type StartTool = (command: string, args: readonly string[]) => ToolProcess;

const flushBytes = 1 << 18;
const stderrLimit = 4096;

/** Starts a program with a pipe to its input. Its messages are in English and its output is reproducible. */
export const startTool: StartTool = (command, args) => {
  const child = Bun.spawn([command, ...args], {
    stdin: "pipe",
    stdout: "ignore",
    stderr: "pipe",
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C", SOURCE_DATE_EPOCH: "0" },
  });
  const stderr = lastText(child.stderr);
  let unflushed = 0;
  return {
    async write(chunk) {
      // A promise when the pipe is full, also for a program that has ended: it must not reject unseen.
      const written = child.stdin.write(chunk);
      if (typeof written !== "number") await written;
      unflushed += chunk.length;
      if (unflushed < flushBytes) return;
      unflushed = 0;
      await child.stdin.flush();
      // A pipe with room resolves without a turn of the event loop, which others need too.
      await setImmediate();
      if (child.exitCode !== null) throw new Error(`${command} has ended`);
    },
    async finish() {
      try {
        await child.stdin.end();
      } catch {
        // The program has closed its input; its exit code says why.
      }
      const exitCode = await child.exited;
      return { exitCode, stderr: await stderr };
    },
    kill: () => child.kill("SIGKILL"),
  };
};

async function lastText(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text = (text + decoder.decode(chunk, { stream: true })).slice(-stderrLimit);
  }
  return text.trim();
}
