import { toTransportError } from "./transport-error.ts";
import type { Transport, TransportRequest } from "./types.ts";

/** Who the client says it is: a certificate with its key, or a bearer token; both absent for an anonymous one. */
export interface HttpCredentials {
  readonly certificatePem?: string;
  readonly keyPem?: string;
  readonly token?: string;
}

export interface HttpTransportOptions {
  /** `https://host:port`, without a path or with the prefix of a proxy. */
  readonly server: string;
  /** The CA that must have signed the server's certificate; the system's CAs where it is absent. */
  readonly caPem?: string;
  readonly credentials?: HttpCredentials;
  /** Trusts any server. Only what needs no trust may be asked then. */
  readonly insecureSkipTlsVerify?: boolean;
  /** The name that the server's certificate must have instead of the address' own. */
  readonly tlsServerName?: string;
  readonly userAgent?: string;
}

/** Speaks with an API server by HTTP(S) over kept connections. Throws `TransportError` where no answer came. */
export class HttpTransport implements Transport {
  readonly server: string;
  readonly #userAgent: string;
  readonly #trust: Bun.TLSOptions;
  #tls: Bun.TLSOptions = {};
  #token: string | undefined;

  constructor(options: HttpTransportOptions) {
    this.server = options.server.replace(/\/+$/, "");
    this.#userAgent = options.userAgent ?? "pacific";
    this.#trust = {
      ...(options.caPem === undefined ? {} : { ca: options.caPem }),
      ...(options.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
      ...(options.tlsServerName === undefined ? {} : { serverName: options.tlsServerName }),
    };
    this.setCredentials(options.credentials ?? {});
  }

  /** Requests from now on use these; streams that are open go on with the old ones. */
  setCredentials(credentials: HttpCredentials): void {
    this.#token = credentials.token;
    this.#tls = {
      ...this.#trust,
      ...(credentials.certificatePem === undefined ? {} : { cert: credentials.certificatePem }),
      ...(credentials.keyPem === undefined ? {} : { key: credentials.keyPem }),
    };
  }

  async fetch(path: string, init: TransportRequest = {}): Promise<Response> {
    const headers: Record<string, string> = {
      accept: "application/json",
      // A packed body's length says nothing of its size; within a cluster packing costs more than it saves.
      "accept-encoding": "identity",
      "user-agent": this.#userAgent,
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...init.headers,
    };
    const { method = "GET", body, signal } = init;
    const request: BunFetchRequestInit & { timeout: false } = {
      method,
      headers,
      tls: this.#tls,
      redirect: "error",
      // Bun ends every request after five minutes otherwise, also a watch.
      timeout: false,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    };
    try {
      return await fetch(`${this.server}${path}`, request);
    } catch (error) {
      throw toTransportError(this.server, error);
    }
  }
}
