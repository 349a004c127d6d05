import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Clock } from "../../supervisor/base/clock.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { certificateLife } from "../../supervisor/base/pki/certificate-life.ts";
import type { KubernetesClient } from "../../supervisor/client/types.ts";
import { keepRenewed } from "./keep-renewed.ts";
import { requestCertificate, requestName, type WantedCertificate } from "./request-certificate.ts";
import { type ServingCertificate, ServingStore } from "./serving-store.ts";

/** A request that has no answer for so long waits for a person. */
const usualAnswerMs = 10_000;

export interface KeepServingCertificateOptions {
  readonly client: KubernetesClient;
  readonly nodeName: string;
  /** DNS names and IP addresses that the kubelet's port is reached by. */
  readonly names: readonly string[];
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random?: () => number;
  readonly logger: Logger;
  /** Called with each certificate that is to be shown from now on. */
  readonly onCertificate: (certificate: ServingCertificate) => void;
}

/**
 * Gets the certificate of the kubelet's port from the cluster's authority (kubelet `serverTLSBootstrap`), and another
 * one in time, or when its names are others. Runs until the signal.
 */
export async function keepServingCertificate(
  options: KeepServingCertificateOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, names, nodeName, dataDir, random = Math.random, onCertificate } = options;
  const store = new ServingStore(dataDir);
  const stored = await store.load();
  let current = stored && isFor(stored, names) && isValid(stored, clock.now()) ? stored : undefined;
  if (current) onCertificate(current);
  const renew = async () => {
    const keyPem = await store.pendingKey();
    const certificatePem = await ask(options, { nodeName, keyPem, names, use: "serving" }, signal);
    current = { certificatePem, keyPem };
    await store.save(current);
    onCertificate(current);
    logger.info("The kubelet's port has a new certificate", { node: nodeName });
  };
  const onFailure = (error: Error, delayMs: number) =>
    logger.warn("Cannot get a certificate for the kubelet's port, trying again", { delayMs, error });
  await keepRenewed({ current: () => current?.certificatePem, renew, onFailure, clock, random }, signal);
}

async function ask(
  { client, clock, logger }: KeepServingCertificateOptions,
  wanted: WantedCertificate,
  signal: AbortSignal,
): Promise<string> {
  const request = requestName(wanted);
  const cancel = clock.after(usualAnswerMs, () =>
    logger.warn(`The certificate of the kubelet's port waits for "kubectl certificate approve ${request}"`),
  );
  try {
    return await requestCertificate(client, wanted, signal);
  } finally {
    cancel();
  }
}

function isValid({ certificatePem }: ServingCertificate, nowMs: number): boolean {
  return certificateLife(certificatePem).notAfterMs > nowMs;
}

function isFor({ certificatePem }: ServingCertificate, names: readonly string[]): boolean {
  const certificate = new X509Certificate(certificatePem);
  return names.every((name) =>
    isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
  );
}
