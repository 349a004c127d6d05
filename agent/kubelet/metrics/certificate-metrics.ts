import type { Clock } from "../../../supervisor/base/clock.ts";
import type { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import { certificateLife } from "../../../supervisor/base/pki/certificate-life.ts";

/** The certificates in use, as PEM; undefined where the host has none. */
export interface CertificatesInUse {
  readonly client: () => string | undefined;
  readonly server: () => string | undefined;
}

/** Adds how long the host's certificates are good yet (kubelet `pkg/kubelet/certificate`). */
export function addCertificateMetrics(
  registry: MetricsRegistry,
  clock: Clock,
  { client, server }: CertificatesInUse,
): void {
  const gauge = (name: string, whose: string, certificate: () => string | undefined): void =>
    registry.collected(
      "gauge",
      `kubelet_certificate_manager_${name}_ttl_seconds`,
      `[ALPHA] Gauge of the TTL (time-to-live) of the Kubelet's ${whose} certificate. The value is in seconds until certificate expiry (negative if already expired). If ${whose} certificate is invalid or unused, the value will be +INF.`,
      () => [{ labels: {}, value: secondsLeft(certificate(), clock) }],
    );
  gauge("client", "client", client);
  gauge("server", "serving", server);
}

function secondsLeft(certificatePem: string | undefined, clock: Clock): number {
  if (certificatePem === undefined) return Number.POSITIVE_INFINITY;
  return (certificateLife(certificatePem).notAfterMs - clock.now()) / 1000;
}
