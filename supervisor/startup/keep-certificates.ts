import { type Clock, clockSleep } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import type { Logger } from "../base/logging.ts";
import { renewalTimeMs } from "../base/pki/certificate-life.ts";
import type { ClusterPki } from "../base/pki/cluster-pki.ts";
import { Backoff } from "../client/backoff.ts";

/** Timers count their milliseconds in 31 bits. */
const longestSleepMs = 24 * 3600 * 1000;

export interface KeepCertificatesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads the certificates, and makes those that are due. */
  load(): Promise<ClusterPki>;
  /** Takes new certificates into use. */
  use(pki: ClusterPki): Promise<void> | void;
}

/** Renews the supervisor's own certificates when two thirds of their life are over, until the signal. Never rejects. */
export async function keepCertificates(
  current: ClusterPki,
  { clock, logger, load, use }: KeepCertificatesOptions,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff({ initialMs: 1000, maxMs: 3600_000 });
  let pki = current;
  while (!signal.aborted) {
    const leaves = [pki.server, pki.admin, pki.frontProxy.client].map(({ certificatePem }) =>
      renewalTimeMs(certificatePem),
    );
    const leftMs = Math.min(...leaves) - clock.now();
    if (leftMs > 0) {
      await clockSleep(clock, Math.min(leftMs, longestSleepMs), signal);
      continue;
    }
    try {
      const renewed = await load();
      await use(renewed);
      pki = renewed;
      logger.info("Renewed the supervisor's certificates");
    } catch (error) {
      const cause = asError(error);
      logger.error("Cannot renew the supervisor's certificates, trying again", { error: cause });
      await clockSleep(clock, backoff.next(), signal);
    }
  }
}
