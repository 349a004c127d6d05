import { Writable } from "node:stream";
import type { ExecOptions, StreamSession } from "../../stream-session.ts";
import type { OutboundStream } from "../channel/outbound-stream.ts";
import type { ContainerLog } from "../log/container-log.ts";
import type { LogStream } from "../log/line-formatter.ts";
import { AttachOutput } from "./attach-output.ts";

/** What an attachment needs of its container. */
export interface Attachable {
  readonly log: ContainerLog;
  /** Absent when the container has no standard input. */
  readonly stdin: OutboundStream | undefined;
  readonly tty: boolean;
  /** The container's standard input ends with the first attachment; a terminal's never does. */
  readonly stdinOnce: boolean;
  readonly exit: StreamSession["exit"];
  resize(columns: number, rows: number): void;
}

/**
 * Attaches to a container's streams: its output from now on, and its standard input, which others may share. Whoever
 * ends his input ends the container's where that is to be, and else leaves: so do kubectl's keys for detaching
 * (containerd's `Attach`).
 */
export function attachSession(container: Attachable, options: Omit<ExecOptions, "command">): StreamSession {
  const outputs: Partial<Record<LogStream, AttachOutput>> = {};
  const stopListening = container.log.listen((stream, bytes) => outputs[stream]?.add(bytes));
  const addOutput = (stream: LogStream): AttachOutput => {
    const output = new AttachOutput(() => {
      delete outputs[stream];
      if (!outputs.stdout && !outputs.stderr) stopListening();
    });
    outputs[stream] = output;
    return output;
  };
  const stdout = options.stdout ? addOutput("stdout") : undefined;
  const stderr = options.stderr && !container.tty ? addOutput("stderr") : undefined;
  const finish = (): void => {
    stdout?.finish();
    stderr?.finish();
  };
  const left = Promise.withResolvers<{ exitCode: number }>();
  const endsInput = container.stdinOnce && !container.tty;
  const leave = (): void => {
    finish();
    left.resolve({ exitCode: 0 });
  };
  const stdin =
    options.stdin && container.stdin
      ? sharedInput(container.stdin, endsInput ? endOf(container.stdin) : leave)
      : undefined;
  container.exit.then(finish, finish);
  const exit = Promise.race([container.exit, left.promise]);
  exit.catch(() => {});
  return {
    ...(stdin ? { stdin } : {}),
    ...(stdout ? { stdout } : {}),
    ...(stderr ? { stderr } : {}),
    resize: (columns, rows) => container.resize(columns, rows),
    exit,
    close: () => {
      stopListening();
      stdin?.destroy();
      stdout?.destroy();
      stderr?.destroy();
    },
  };
}

function endOf(target: OutboundStream): () => void {
  return () => {
    if (!target.destroyed && !target.writableEnded) target.end();
  };
}

/** Writes to a container's standard input, which stays open for the next attachment. */
function sharedInput(target: OutboundStream, onEnd: () => void): Writable {
  const input = new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      if (target.destroyed || target.writableEnded)
        done(new Error("The container's standard input is closed"));
      else target.write(bytes, done);
    },
    final: (done) => {
      onEnd();
      done();
    },
    destroy: (error, done) => {
      onEnd();
      done(error);
    },
  });
  input.on("error", () => {});
  return input;
}
