import { type Clock, clockSleep, systemClock } from "../../supervisor/base/clock.ts";
import { asError } from "../../supervisor/base/errors.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { certificateLife, renewalTimeMs } from "../../supervisor/base/pki/certificate-life.ts";
import { certificateKeyHash, generateKeyPem, privateKeyHash } from "../../supervisor/base/pki/keys.ts";
import { Backoff } from "../../supervisor/client/backoff.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import { IdentityStore } from "./identity-store.ts";
import type { JoinedHost } from "./joined-host.ts";
import { requestCertificate } from "./request-certificate.ts";

/** No timer is set for longer: they count their milliseconds in 31 bits. */
const longestWaitMs = 24 * 3600 * 1000;

export interface KeepCertificateOptions {
  readonly dataDir: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** From 0 to below 1; `Math.random` by default. */
  readonly random?: () => number;
  readonly signal: AbortSignal;
}

/**
 * Renews a host's certificate when 70 to 90 % of its life are over (kubelet `certificate.Manager`; hosts that joined together do
 * not all ask at once), with a new key, on the word of the old one. Runs until the signal; what fails is tried again and said.
 */
export async function keepCertificate(host: JoinedHost, options: KeepCertificateOptions): Promise<void> {
  const { clock = systemClock, random = Math.random, logger, signal } = options;
  const store = new IdentityStore(options.dataDir);
  const backoff = new Backoff({ initialMs: 5_000, maxMs: 3600_000 });
  let part = renewalPart(random);
  while (!signal.aborted) {
    const { certificatePem, nodeName } = host.identity;
    const waitMs = renewalTimeMs(certificatePem, part) - clock.now();
    if (waitMs > 0) {
      await clockSleep(clock, Math.min(waitMs, longestWaitMs), signal);
      continue;
    }
    try {
      await renew(host, store, signal);
      backoff.reset();
      part = renewalPart(random);
      logger.info("Renewed this host's certificate", { node: nodeName });
    } catch (error) {
      if (signal.aborted) return;
      const delayMs = Math.round(backoff.next());
      const expires = new Date(certificateLife(certificatePem).notAfterMs).toISOString();
      const cause = asError(error);
      logger.warn("Cannot renew this host's certificate, trying again", { expires, delayMs, error: cause });
      await clockSleep(clock, delayMs, signal);
    }
  }
}

function renewalPart(random: () => number): number {
  return 0.7 + random() * 0.2;
}

async function renew(host: JoinedHost, store: IdentityStore, signal: AbortSignal): Promise<void> {
  const { identity } = host;
  const pending = await store.loadPendingKey();
  const keyPem = pending ?? generateKeyPem();
  if (pending === undefined) await store.savePendingKey(keyPem);
  const client = createClient(host.transport);
  const { nodeName } = identity;
  const certificatePem = await requestCertificate(client, { nodeName, keyPem }, signal);
  if (certificateKeyHash(certificatePem) !== privateKeyHash(keyPem)) {
    throw new Error(`${identity.server} sent a certificate for another key than this host's`);
  }
  const renewed = { ...identity, certificatePem, keyPem };
  await store.save(renewed);
  host.replace(renewed);
}
