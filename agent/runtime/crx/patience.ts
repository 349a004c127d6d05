import type { Clock } from "../../../supervisor/base/clock.ts";

/** Calls back once, with how long was waited, when an answer is not waited for any longer; the result ends the wait. */
export type Patience = (limitMs: number, giveUp: (waitedMs: number) => void) => () => void;

/** Nothing that works is waited for longer. */
export const longestWaitMs = 600_000;

/** Who wants less of a processor does nothing: an idle guest wants a hundredth, under emulation in an emulation a tenth. */
const leastShare = 0.1;
/** The last part of a limit shows whether anybody works. */
const longestLookMs = 1000;

export interface WorkingPatienceOptions {
  readonly clock: Clock;
  /** How much of the processors whoever is waited for has wanted since its start. */
  readonly wantedMs: () => number;
  readonly longestMs?: number;
  /** The limit has passed and the wait goes on; called once. */
  readonly stretched?: (waitedMs: number) => void;
}

/** An answer is late after so long, whatever happens. */
export function plainPatience(clock: Clock): Patience {
  return (limitMs, giveUp) => clock.after(limitMs, () => giveUp(limitMs));
}

/**
 * On a slow or busy box an answer takes its time, so its limit is one of doing nothing: it is given up when a limit's
 * time has passed and nobody works on it, or after the longest time. Nothing is looked at before the limit comes near.
 */
export function workingPatience(options: WorkingPatienceOptions): Patience {
  const { clock, wantedMs, longestMs = longestWaitMs } = options;
  return (limitMs, giveUp) => {
    let waitedMs = 0;
    let cancel: () => void = () => {};
    const wait = (forMs: number, then: () => void): void => {
      cancel = clock.after(forMs, () => {
        waitedMs += forMs;
        then();
      });
    };
    const look = (forMs: number): void => {
      const before = wantedMs();
      wait(forMs, () => {
        const works = wantedMs() - before >= forMs * leastShare;
        if (!works || waitedMs >= longestMs) return giveUp(waitedMs);
        if (waitedMs === limitMs) options.stretched?.(waitedMs);
        look(Math.min(limitMs, longestMs - waitedMs));
      });
    };
    const firstLookMs = Math.min(longestLookMs, limitMs / 2);
    wait(limitMs - firstLookMs, () => look(firstLookMs));
    return () => cancel();
  };
}
