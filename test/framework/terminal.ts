import { writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";

/** The native half of node-pty; its JavaScript half reads through `tty.ReadStream`, which fails on EAGAIN under Bun. */
interface PtyBinding {
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    columns: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { readonly fd: number; readonly pid: number };
  resize(fd: number, columns: number, rows: number, widthPixels: number, heightPixels: number): void;
}

const binding = { exports: {} };
process.dlopen(
  binding,
  join(
    dirname(fileURLToPath(import.meta.resolve("node-pty/package.json"))),
    `prebuilds/linux-${process.arch}/pty.node`,
  ),
);
// dlopen fills `exports` with what node-pty's own source declares.
const pty = binding.exports as PtyBinding;

/** A program in a real terminal, as a person runs it. */
export class Terminal {
  readonly exited: Promise<number>;
  readonly #fd: number;
  readonly #pid: number;
  #screen = "";

  constructor(command: readonly string[], columns = 80, rows = 24) {
    const [file = "", ...args] = command;
    const env = Object.entries({ ...process.env, TERM: "xterm" }).map(([name, value]) => `${name}=${value}`);
    const exit = Promise.withResolvers<number>();
    this.exited = exit.promise;
    const child = pty.fork(file, args, env, process.cwd(), columns, rows, -1, -1, true, "", (code) =>
      exit.resolve(code),
    );
    this.#fd = child.fd;
    this.#pid = child.pid;
    void this.#read();
  }

  /** All that the program has written so far. */
  get screen(): string {
    return this.#screen;
  }

  type(text: string): void {
    writeSync(this.#fd, text);
  }

  resize(columns: number, rows: number): void {
    pty.resize(this.#fd, columns, rows, 0, 0);
  }

  /** Waits until the program has written something that matches. */
  async shows(pattern: RegExp, timeoutMs = 20_000): Promise<string> {
    try {
      return await eventually(
        `the terminal shows ${pattern}`,
        timeoutMs,
        () => pattern.exec(this.#screen)?.[0],
      );
    } catch (error) {
      throw new Error(`The terminal shows ${JSON.stringify(this.#screen)}`, { cause: error });
    }
  }

  kill(): void {
    process.kill(this.#pid, "SIGKILL");
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of Bun.file(this.#fd).stream())
        this.#screen += decoder.decode(chunk, { stream: true });
    } catch {
      // EIO is a terminal's end of file.
    }
  }
}
