import { type Clock, clockSleep } from "../../supervisor/base/clock.ts";
import { asError } from "../../supervisor/base/errors.ts";
import { renewalTimeMs } from "../../supervisor/base/pki/certificate-life.ts";
import { Backoff } from "../../supervisor/client/backoff.ts";

/** No timer is set for longer: they count their milliseconds in 31 bits. */
const longestWaitMs = 24 * 3600 * 1000;

export interface RenewalOptions {
  /** The certificate in use; undefined when there is none yet, and one is wanted at once. */
  readonly current: () => string | undefined;
  /** Gets another certificate and takes it into use. */
  readonly renew: () => Promise<void>;
  /** Told of each renewal that failed, and after how many milliseconds it is tried again. */
  readonly onFailure: (error: Error, delayMs: number) => void;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/**
 * Renews a certificate when 70 to 90 % of its life are over (kubelet `certificate.Manager`; hosts that joined together do
 * not all ask at once). What fails is tried again after 5 s, and later up to an hour. Runs until the signal.
 */
export async function keepRenewed(options: RenewalOptions, signal: AbortSignal): Promise<void> {
  const { current, renew, onFailure, clock, random } = options;
  const backoff = new Backoff({ initialMs: 5_000, maxMs: 3600_000 });
  let part = renewalPart(random);
  while (!signal.aborted) {
    const certificatePem = current();
    const waitMs = certificatePem === undefined ? 0 : renewalTimeMs(certificatePem, part) - clock.now();
    if (waitMs > 0) {
      await clockSleep(clock, Math.min(waitMs, longestWaitMs), signal);
      continue;
    }
    try {
      await renew();
      backoff.reset();
      part = renewalPart(random);
    } catch (error) {
      if (signal.aborted) return;
      const delayMs = Math.round(backoff.next());
      onFailure(asError(error), delayMs);
      await clockSleep(clock, delayMs, signal);
    }
  }
}

function renewalPart(random: () => number): number {
  return 0.7 + random() * 0.2;
}
