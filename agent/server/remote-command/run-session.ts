import type { Readable, Writable } from "node:stream";
import type { Status } from "../../../supervisor/apimachinery/errors.ts";
import type { StreamSession } from "../../runtime/runtime.ts";
import { exitStatus, failureStatus } from "./exit-status.ts";
import type { RemoteCommandChannel } from "./remote-command-channel.ts";

/**
 * Joins a process with its client until one of them ends. `doing` begins the message of a failure, as kubelet words it:
 * `error executing command in container`. Never rejects.
 */
export async function runSession(
  start: () => Promise<StreamSession>,
  channel: RemoteCommandChannel,
  doing: string,
): Promise<void> {
  let session: StreamSession;
  try {
    session = await start();
  } catch (error) {
    await channel.finish(failureStatus(doing, error));
    return;
  }
  void channel.closed.then(() => session.close());
  channel.onResize(({ columns, rows }) => session.resize(columns, rows));
  feed(channel.stdin, session.stdin);
  const outputs = [carry(session.stdout, channel.stdout), carry(session.stderr, channel.stderr)];
  const status = await outcome(session, doing);
  // The last output comes before the outcome; a client that left does not hold this up.
  await Promise.race([Promise.all(outputs), channel.closed]);
  await channel.finish(status);
}

async function outcome(session: StreamSession, doing: string): Promise<Status> {
  try {
    return exitStatus((await session.exit).exitCode);
  } catch (error) {
    return failureStatus(doing, error);
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
