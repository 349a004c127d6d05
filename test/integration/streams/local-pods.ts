/** PodStreams whose containers are processes of this machine: the kubelet server's real counterpart without VMs. */
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { type Duplex, PassThrough, Writable } from "node:stream";
import { RuntimeError } from "../../../agent/runtime/runtime.ts";
import type { ExecOptions, StreamSession } from "../../../agent/runtime/stream-session.ts";
import type { ContainerLogFile, PodStreams } from "../../../agent/server/pod-streams.ts";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";

export class LocalPods implements PodStreams {
  readonly #pods: readonly V1Pod[];
  readonly #logs = new Map<string, ContainerLogFile>();
  /** What attach finds: one long-running process for each container. */
  readonly #main = new Map<string, StreamSession>();

  constructor(pods: readonly V1Pod[]) {
    this.#pods = pods;
  }

  pods(): readonly V1Pod[] {
    return this.#pods;
  }

  setLog(containerId: string, log: ContainerLogFile): void {
    this.#logs.set(containerId, log);
  }

  setMain(container: string, session: StreamSession): void {
    this.#main.set(container, session);
  }

  exec(_reference: unknown, options: ExecOptions): Promise<StreamSession> {
    return startProcess(options);
  }

  attach(reference: { readonly container: string }): Promise<StreamSession> {
    const session = this.#main.get(reference.container);
    if (session === undefined)
      return Promise.reject(new RuntimeError("not-found", "The container is not running"));
    return Promise.resolve({ ...session, resize: session.resize.bind(session), close: () => {} });
  }

  portForward(_reference: unknown, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
      socket.once("connect", () => resolve(socket));
      socket.once("error", reject);
    });
  }

  connect(reference: unknown, port: number): Promise<Duplex> {
    return this.portForward(reference, port);
  }

  logFile(containerId: string): ContainerLogFile | undefined {
    return this.#logs.get(containerId);
  }
}

export function startProcess(options: ExecOptions): Promise<StreamSession> {
  return options.tty ? startInTerminal(options) : startWithPipes(options);
}

async function startWithPipes(options: ExecOptions): Promise<StreamSession> {
  const [file = "", ...args] = options.command;
  const child = spawn(file, args, {
    stdio: [options.stdin ? "pipe" : "ignore", "pipe", "pipe"],
    detached: true,
  });
  await started(child);
  const exit = new Promise<{ exitCode: number }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ exitCode: code ?? (signal === "SIGKILL" ? 137 : 143) }));
  });
  return {
    ...(child.stdin ? { stdin: child.stdin } : {}),
    ...(child.stdout ? { stdout: child.stdout } : {}),
    ...(child.stderr ? { stderr: child.stderr } : {}),
    resize() {},
    exit,
    close() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, "SIGKILL");
    },
  };
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve());
    child.once("error", (error) => reject(new RuntimeError("start-failed", error.message)));
  });
}

async function startInTerminal(options: ExecOptions): Promise<StreamSession> {
  const stdout = new PassThrough();
  const child = Bun.spawn([...options.command], {
    env: { ...process.env, TERM: "xterm" },
    terminal: {
      cols: 80,
      rows: 24,
      data: (_terminal, bytes) => void stdout.write(Buffer.from(bytes)),
    },
  });
  const { terminal } = child;
  if (terminal === undefined) throw new RuntimeError("start-failed", "There is no terminal");
  const stdin = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      terminal.write(chunk);
      callback();
    },
  });
  const exit = child.exited.then((exitCode) => {
    stdout.end();
    return { exitCode };
  });
  return {
    stdin,
    stdout,
    resize: (columns, rows) => terminal.resize(columns, rows),
    exit,
    close: () => child.kill("SIGKILL"),
  };
}
