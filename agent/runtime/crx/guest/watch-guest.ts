import { type Clock, clockSleep } from "../../../../supervisor/base/clock.ts";
import { RuntimeError } from "../../runtime.ts";
import type { Guest } from "./guest.ts";

/** How often a guest is asked whether it is there, and when it is not. */
export interface GuestPulse {
  /** From an answer to the next question. */
  readonly intervalMs: number;
  readonly answerMs: number;
  /** So many questions in a row without an answer: a daemon that was stopped itself sees one time-out at most. */
  readonly misses: number;
}

export const usualPulse: GuestPulse = { intervalMs: 20_000, answerMs: 20_000, misses: 3 };

/** Less is left alone: a clock that is set jumps, and what a busy guest tells of its own is late. */
const clockToleranceMs = 1000;

/**
 * Asks a guest from time to time, until the signal, and resolves with what to say of it once it does not answer any
 * more. A guest whose clock differs from the host's, as after one of both was suspended or set, gets the host's time.
 */
export async function watchGuest(
  guest: Pick<Guest, "ping" | "setClock">,
  clock: Clock,
  pulse: GuestPulse,
  signal: AbortSignal,
): Promise<string | undefined> {
  let missed = 0;
  await clockSleep(clock, pulse.intervalMs, signal);
  while (!signal.aborted) {
    try {
      await compareClocks(guest, clock, pulse.answerMs);
      missed = 0;
      await clockSleep(clock, pulse.intervalMs, signal);
    } catch (error) {
      const isTimeout = error instanceof RuntimeError && error.kind === "timeout";
      // Other errors mean that the machine is gone, which is told elsewhere.
      if (!isTimeout) return undefined;
      missed += 1;
      if (missed === pulse.misses)
        return `The guest did not answer for ${(pulse.misses * pulse.answerMs) / 1000} s`;
    }
  }
  return undefined;
}

/** Between question and answer any time is right. Throws what `ping` throws. */
async function compareClocks(
  guest: Pick<Guest, "ping" | "setClock">,
  clock: Clock,
  answerMs: number,
): Promise<void> {
  const asked = clock.now();
  const told = await guest.ping(answerMs);
  if (told === undefined) return;
  const isRight = told > asked - clockToleranceMs && told < clock.now() + clockToleranceMs;
  // A guest that refuses is one whose clock stays wrong; it is asked again.
  if (!isRight) await guest.setClock(clock.now()).catch(() => {});
}
