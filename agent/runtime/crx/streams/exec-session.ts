import { constants } from "node:os";
import type { ExecOptions, StreamSession } from "../../stream-session.ts";
import { InboundReadable } from "../channel/inbound-readable.ts";
import type { StreamMultiplexer } from "../channel/stream-multiplexer.ts";
import type { Guest, GuestExec } from "../guest/guest.ts";

/** The streams of a process that runs beside a container's own. */
export function execSession(guest: Guest, exec: GuestExec, options: ExecOptions): StreamSession {
  const { streams } = guest;
  const stdinId = options.stdin ? exec.streams.stdin : undefined;
  const stdin = stdinId === undefined ? undefined : streams.attachOutbound(stdinId);
  const stdout = options.stdout ? readable(streams, exec.streams.stdout) : undefined;
  const stderr = options.stderr && !options.tty ? readable(streams, exec.streams.stderr) : undefined;
  const closeInput = (): void => {
    if (stdinId !== undefined) streams.close(stdinId);
  };
  let isRunning = true;
  const exit = exec.exit.finally(() => {
    isRunning = false;
    closeInput();
  });
  // Who does not wait for the exit must not be ended by a machine that goes.
  exit.catch(() => {});
  return {
    ...(stdin ? { stdin } : {}),
    ...(stdout ? { stdout } : {}),
    ...(stderr ? { stderr } : {}),
    resize: (columns, rows) => ignoreFailure(guest.resize({ execId: exec.execId }, columns, rows)),
    exit,
    close: () => {
      if (isRunning) ignoreFailure(guest.signal({ execId: exec.execId }, constants.signals.SIGKILL));
      closeInput();
      stdout?.destroy();
      stderr?.destroy();
    },
  };
}

function readable(streams: StreamMultiplexer, id: number | undefined): InboundReadable | undefined {
  if (id === undefined) return undefined;
  return new InboundReadable(streams.attachInbound(id, 0), () => streams.close(id));
}

/** For requests to a process that may have ended in the meantime. */
function ignoreFailure(request: Promise<void>): void {
  request.catch(() => {});
}
