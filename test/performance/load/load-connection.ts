import type { HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";

/** A request as the load client sends it. */
export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer;
  readonly contentType?: string;
}

export interface LoadResponse {
  readonly status: number;
  readonly bytes: number;
  /** The body, where it was asked for or the status is an error. */
  readonly body: string;
}

/** One kept-alive connection that carries one request at a time. */
export interface LoadConnection {
  /** Rejects when the connection breaks. */
  request(request: LoadRequest, keepBody?: boolean): Promise<LoadResponse>;
  /** Sends a request whose answer has no end, as a watch; resolves with the status, parts come as they arrive. */
  stream(path: string, onPart: (part: Buffer) => void): Promise<LoadResponse>;
  close(): void;
}

/** The options of node's TLS for a server. */
export function tlsOptions(server: HttpTransportOptions) {
  const { caPem, credentials, insecureSkipTlsVerify } = server;
  return {
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: insecureSkipTlsVerify !== true,
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(credentials?.certificatePem === undefined ? {} : { cert: credentials.certificatePem }),
    ...(credentials?.keyPem === undefined ? {} : { key: credentials.keyPem }),
  };
}
