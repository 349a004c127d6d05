import type { Readable, Writable } from "node:stream";
import type { Status } from "../../../supervisor/apimachinery/errors.ts";
import type { StreamSession } from "../../runtime/stream-session.ts";
import { exitStatus, failureStatus, successStatus } from "./exit-status.ts";
import type { RemoteCommandChannel } from "./remote-command-channel.ts";

/** What a client is joined with, and how a failure's message begins, as kubelet words it. */
const failures = {
  exec: "error executing command in container",
  attach: "error attaching to container",
} as const;

/**
 * Joins a process with its client until one of them ends. A command's client is told its exit code; one that is attached only
 * that it is over (kubelet `ServeAttach`). Never rejects.
 */
export async function runSession(
  kind: keyof typeof failures,
  start: () => Promise<StreamSession>,
  channel: RemoteCommandChannel,
): Promise<void> {
  let session: StreamSession;
  try {
    session = await start();
  } catch (error) {
    await channel.finish(failureStatus(failures[kind], error));
    return;
  }
  void channel.closed.then(() => session.close());
  channel.onResize(({ columns, rows }) => session.resize(columns, rows));
  feed(channel.stdin, session.stdin);
  const outputs = [carry(session.stdout, channel.stdout), carry(session.stderr, channel.stderr)];
  const status = await outcome(session, kind);
  // The last output comes before the outcome; a client that left does not hold this up.
  await Promise.race([Promise.all(outputs), channel.closed]);
  await channel.finish(status);
}

async function outcome(session: StreamSession, kind: keyof typeof failures): Promise<Status> {
  try {
    const { exitCode } = await session.exit;
    return kind === "exec" ? exitStatus(exitCode) : successStatus;
  } catch (error) {
    return failureStatus(failures[kind], error);
  }
}

function feed(from: Readable | undefined, to: Writable | undefined): void {
  if (from === undefined) return;
  if (to === undefined) {
    from.resume();
    return;
  }
  // A process that has closed its input, or ended, does not read the rest.
  to.on("error", () => {});
  to.on("close", () => {
    from.unpipe(to);
    from.resume();
  });
  from.pipe(to);
}

/** Carries output at the client's pace; resolves after the last of it. */
function carry(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined) return Promise.resolve();
  if (to === undefined) {
    from.resume();
    return Promise.resolve();
  }
  if (from.readableEnded || from.destroyed) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  from.on("error", () => resolve());
  from.on("end", () => resolve());
  from.on("close", () => resolve());
  to.on("error", () => resolve());
  from.pipe(to, { end: false });
  return promise;
}
