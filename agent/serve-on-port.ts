import { type Clock, clockSleep } from "../supervisor/base/clock.ts";
import type { HttpHandler, UpgradeHook } from "../supervisor/base/http/http-options.ts";
import { listenTls } from "../supervisor/base/http/listen-tls.ts";
import { headerPairs } from "../supervisor/base/http/request-head.ts";
import { refuseUpgrade } from "../supervisor/base/http/upgrade.ts";
import type { Logger } from "../supervisor/base/logging.ts";
import { type Certificate, CertificateAuthority } from "../supervisor/base/pki/certificate-authority.ts";
import { renewalTimeMs } from "../supervisor/base/pki/certificate-life.ts";
import type { KubernetesClient } from "../supervisor/client/types.ts";
import type { KubeletSource } from "./kubelet/spherelet-options.ts";
import { type AccessRequest, KubeletAccess, type Refusal } from "./server/access/kubelet-access.ts";
import { kubeletServer } from "./server/kubelet-server.ts";

export interface ServeOnPortOptions {
  readonly source: KubeletSource;
  readonly client: KubernetesClient;
  readonly nodeName: string;
  /** The node's address; all of the box's addresses are listened on. */
  readonly address: string;
  readonly listenHost?: string;
  readonly port: number;
  /** PEM: who signs the certificates of users. Without it only tokens tell who asks. */
  readonly clientCa?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gets certificates from the cluster's authority until the signal; without it the host signs its own. */
  readonly keepCertificate?: (
    onCertificate: (certificate: Certificate) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Told of the port. */
  readonly onListening?: (port: number) => void;
}

const dayMs = 24 * 3600 * 1000;

/**
 * Serves the kubelet API on a port of its own, to those whom the API server knows and allows it. Its certificate is
 * signed by the host itself, as a kubelet's that was given none, until the cluster's authority has signed one. Runs until the
 * signal; rejects where the port is taken.
 */
export async function serveOnPort(options: ServeOnPortOptions, signal: AbortSignal): Promise<void> {
  const { source, client, nodeName, port, clientCa, clock, logger, listenHost = "0.0.0.0" } = options;
  const { handler, upgrade } = kubeletServer(
    source.streams,
    () => clock.now(),
    source.reports,
    source.snapshots,
  );
  const access = new KubeletAccess({ client, nodeName, now: () => clock.now() });
  const certificate = selfSigned(options);
  const listener = await listenTls({
    host: listenHost,
    port,
    key: certificate.keyPem,
    cert: certificate.certificatePem,
    ...(clientCa !== undefined && { clientCa }),
    handler: guardedHandler(handler, access),
    upgrade: guardedUpgrade(upgrade, access),
    signal,
  });
  options.onListening?.(listener.port);
  logger.info("The kubelet API is served on a port", { port: listener.port });
  const show = ({ keyPem, certificatePem }: Certificate): void => {
    listener.setCertificate({ key: keyPem, cert: certificatePem });
    source.reports.showsCertificate(certificatePem);
  };
  source.reports.showsCertificate(certificate.certificatePem);
  if (options.keepCertificate) await options.keepCertificate(show, signal);
  else await keepSelfSigned(options, certificate, show, signal);
  await listener.closed;
}

async function keepSelfSigned(
  options: ServeOnPortOptions,
  first: Certificate,
  show: (certificate: Certificate) => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = options;
  let certificate = first;
  while (!signal.aborted) {
    await clockSleep(clock, dayMs, signal);
    if (signal.aborted || clock.now() < renewalTimeMs(certificate.certificatePem)) continue;
    certificate = selfSigned(options);
    show(certificate);
  }
}

function selfSigned({ nodeName, address, clock }: ServeOnPortOptions): Certificate {
  const nowMs = clock.now();
  const authority = CertificateAuthority.create(`${nodeName}-ca@${Math.floor(nowMs / 1000)}`, nowMs);
  const issued = authority.issue({
    subject: { commonName: `${nodeName}@${Math.floor(nowMs / 1000)}` },
    uses: ["server"],
    alternativeNames: [nodeName, address],
    nowMs,
  });
  return { ...issued, certificatePem: `${issued.certificatePem}${authority.certificatePem}` };
}

function guardedHandler(handler: HttpHandler, access: KubeletAccess): HttpHandler {
  return async (request, connection) => {
    const refusal = await access.refusal({
      method: request.method,
      path: new URL(request.url).pathname,
      authorization: request.headers.get("authorization") ?? "",
      peer: connection.peer,
    });
    return refusal ? refused(refusal) : await handler(request, connection);
  };
}

function guardedUpgrade(upgrade: UpgradeHook, access: KubeletAccess): UpgradeHook {
  return (head, connection) => {
    const takeOver = upgrade(head, connection);
    if (takeOver === undefined) return undefined;
    const pairs = [...headerPairs(head.rawHeaders)];
    const authorization = pairs.find(([name]) => name.toLowerCase() === "authorization")?.[1] ?? "";
    const path = new URL(head.target, "http://kubelet").pathname;
    const asked: AccessRequest = { method: head.method, path, authorization, peer: connection.peer };
    return (stream) => {
      void access.refusal(asked).then((refusal) => {
        if (refusal) void refuseUpgrade(stream, refused(refusal));
        else takeOver(stream);
      });
    };
  };
}

function refused({ status, message }: Refusal): Response {
  return new Response(message, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
