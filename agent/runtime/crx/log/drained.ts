import type { Clock } from "../../../../supervisor/base/clock.ts";
import { within } from "../within.ts";

/** What is waited for of a container's log. */
export interface DrainingLog {
  /** Resolves when all output is written. */
  readonly finished: Promise<void>;
  readonly writtenBytes: number;
}

const lookMs = 500;
/** After so many looks without news the rest is given up: a full disk must not hide that a container has ended. */
const patience = 4;

/**
 * Waits until a log is finished, or has not grown for two seconds. A process that was held up for as long sees its timers
 * before what it has to read, so no single look decides.
 */
export async function drained(clock: Clock, log: DrainingLog): Promise<void> {
  let before = log.writtenBytes;
  for (let quiet = 0; quiet < patience; ) {
    if (await within(clock, log.finished, lookMs)) return;
    quiet = log.writtenBytes === before ? quiet + 1 : 0;
    before = log.writtenBytes;
  }
}
