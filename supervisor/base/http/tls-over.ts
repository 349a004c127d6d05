import type { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";

export interface TlsOverOptions {
  /** The name that the server's certificate must have. */
  readonly serverName: string;
  /** PEM; the system's authorities where absent. */
  readonly ca?: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
  readonly credentials?: { readonly certificatePem: string; readonly keyPem: string };
}

/** Speaks TLS as the client over a stream. Rejects, and destroys the stream, where the server is not the one meant. */
export function tlsOver(stream: Duplex, options: TlsOverOptions): Promise<TLSSocket> {
  const { serverName, ca, insecure = false, credentials } = options;
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connect({
    socket: stream,
    servername: serverName,
    rejectUnauthorized: !insecure,
    ALPNProtocols: ["http/1.1"],
    ...(ca === undefined ? {} : { ca }),
    ...(credentials === undefined ? {} : { cert: credentials.certificatePem, key: credentials.keyPem }),
  });
  const fail = (error: Error): void => {
    stream.destroy();
    reject(error);
  };
  socket.once("secureConnect", () => {
    socket.off("error", fail);
    socket.off("close", closed);
    resolve(socket);
  });
  const closed = (): void => fail(new Error("The connection closed during the TLS handshake"));
  socket.once("error", fail);
  socket.once("close", closed);
  return promise;
}
