import { createServer, type TLSSocket } from "node:tls";
import type { PeerSubject } from "./connection-info.ts";
import { defaultLimits, type HttpOptions } from "./http-options.ts";
import { type Listener, type ListenerOptions, runListener } from "./listener.ts";
import { serveHttp } from "./serve-http.ts";

export interface ListenTlsOptions extends HttpOptions, ListenerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** PEM. */
  readonly key: string;
  /** PEM, the server's own certificate first. */
  readonly cert: string;
  /** PEM: the CA of client certificates. A client may come without one; a strange one counts as none. */
  readonly clientCa?: string;
}

const keepAliveMs = 30_000;

export interface TlsListener extends Listener {
  /** Shows a new certificate to those who connect from now on; open connections go on. */
  setCertificate(certificate: Pick<ListenTlsOptions, "key" | "cert">): void;
}

/** Serves HTTP/1.1 over TLS until the signal. Rejects when the address cannot be had (EADDRINUSE, EACCES). */
export async function listenTls(options: ListenTlsOptions): Promise<TlsListener> {
  const authority = options.clientCa === undefined ? {} : { ca: options.clientCa };
  const server = createServer({
    key: options.key,
    cert: options.cert,
    ...authority,
    requestCert: options.clientCa !== undefined,
    rejectUnauthorized: false,
    ALPNProtocols: ["http/1.1"],
    minVersion: "TLSv1.2",
    // As long as a request's head, as Go's server has it: who opens fifty connections at once on a busy box shakes hands late.
    handshakeTimeout: options.limits?.headMs ?? defaultLimits.headMs,
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  const address = { port: options.port, host: options.host };
  const listener = await runListener(
    server,
    address,
    "secureConnection",
    (socket: TLSSocket) => serveSocket(socket, options),
    options,
  );
  return {
    ...listener,
    setCertificate: ({ key, cert }) => server.setSecureContext({ key, cert, ...authority }),
  };
}

function serveSocket(socket: TLSSocket, options: ListenTlsOptions): Promise<void> {
  socket.setNoDelay(true);
  // A client whose machine is gone closes nothing: without probes its watches and sessions would stay.
  socket.setKeepAlive(true, keepAliveMs);
  const peer = peerOf(socket);
  return serveHttp(socket, options, {
    remoteAddress: socket.remoteAddress ?? "",
    ...(peer === undefined ? {} : { peer }),
    signal: options.signal,
  });
}

/** Whom a socket's client certificate names; undefined unless the certificate was verified. */
function peerOf(socket: TLSSocket): PeerSubject | undefined {
  if (!socket.authorized) return undefined;
  const { subject, fingerprint256 = "", valid_to: expires } = socket.getPeerCertificate();
  if (subject === undefined || subject === null) return undefined;
  return {
    commonName: oneOf(subject.CN),
    organizations: [subject.O ?? []].flat(),
    expiresMs: Date.parse(expires),
    fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

/** A name that comes several times in a subject counts as none: whom would it name. */
function oneOf(name: string | string[] | undefined): string {
  return typeof name === "string" ? name : "";
}
