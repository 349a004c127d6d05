import { type Clock, systemClock } from "../../supervisor/base/clock.ts";

/** The delays between attempts of the image store, in milliseconds. */
const backOff = { leastMs: 500, mostMs: 8000 };

/** A clock on which the delays between attempts pass at once and are noted; all else takes its time. */
export function backOffClock(waits: number[] = []): Clock {
  return {
    ...systemClock,
    after(delayMs, callback) {
      if (delayMs < backOff.leastMs || delayMs > backOff.mostMs) return systemClock.after(delayMs, callback);
      waits.push(delayMs);
      return systemClock.after(0, callback);
    },
  };
}
