import type { RuntimeContext } from "../runtime-context.ts";
import { StartDeadline } from "../start-deadline.ts";
import type { MachineTemplate } from "./machine-template.ts";

/** A clone answers within a second; a quarter of what a boot may take leaves time for the boot instead of it. */
const cloneShare = 0.25;
/** One that works longer than it took to boot its template, so many times, never answers. */
const bootTimes = 4;

/** How long a clone may take; `what` it is begins a sentence. */
export function cloneDeadline(
  { clock, logger, bootTimeoutMs }: RuntimeContext,
  { bootMs }: MachineTemplate,
  what: string,
  signal: AbortSignal,
): StartDeadline {
  const limitMs = cloneShare * bootTimeoutMs;
  const longestMs = Math.max(bootTimeoutMs, bootTimes * bootMs);
  return new StartDeadline({ clock, logger, what, limitMs, longestMs }, signal);
}
