import type { RuntimeContext } from "./runtime-context.ts";
import { StartDeadline } from "./start-deadline.ts";

/** A machine that is taken over and works has so many times as long to answer as one that does nothing. */
const workingTimes = 4;

/** How long a running machine may take to answer. Its containers work, whether or not its PID 1 ever answers. */
export function takeOverDeadline(
  { clock, logger, bootTimeoutMs: limitMs }: RuntimeContext,
  sandboxId: string,
  signal: AbortSignal,
): StartDeadline {
  const what = `The guest of sandbox ${sandboxId}`;
  return new StartDeadline({ clock, logger, what, limitMs, longestMs: workingTimes * limitMs }, signal);
}
