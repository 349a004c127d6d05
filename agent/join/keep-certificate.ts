import { type Clock, systemClock } from "../../supervisor/base/clock.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { certificateLife } from "../../supervisor/base/pki/certificate-life.ts";
import { certificateKeyHash, generateKeyPem, privateKeyHash } from "../../supervisor/base/pki/keys.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import { IdentityStore } from "./identity-store.ts";
import type { JoinedHost } from "./joined-host.ts";
import { keepRenewed } from "./keep-renewed.ts";
import { requestCertificate } from "./request-certificate.ts";

export interface KeepCertificateOptions {
  readonly dataDir: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** From 0 to below 1; `Math.random` by default. */
  readonly random?: () => number;
  readonly signal: AbortSignal;
}

/** Renews a host's certificate in time, with a new key, on the word of the old one. Runs until the signal. */
export async function keepCertificate(host: JoinedHost, options: KeepCertificateOptions): Promise<void> {
  const { clock = systemClock, random = Math.random, logger, signal } = options;
  const store = new IdentityStore(options.dataDir);
  const current = () => host.identity.certificatePem;
  const renewal = async () => {
    await renew(host, store, signal);
    logger.info("Renewed this host's certificate", { node: host.identity.nodeName });
  };
  const onFailure = (error: Error, delayMs: number) => {
    const expires = new Date(certificateLife(current()).notAfterMs).toISOString();
    logger.warn("Cannot renew this host's certificate, trying again", { expires, delayMs, error });
  };
  await keepRenewed({ current, renew: renewal, onFailure, clock, random }, signal);
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
