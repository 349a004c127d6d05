import type { Duplex } from "node:stream";
import { newServiceUnavailable } from "../../apimachinery/status-errors.ts";
import { type ClientAnswer, type ClientRequest, sendRequest } from "../../base/http/http-client.ts";
import { networkWords } from "../../base/http/network-words.ts";
import { readBody } from "../../base/http/read-body.ts";
import { tlsOver } from "../../base/http/tls-over.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { ServiceDialer } from "../webhooks/webhook-client.ts";
import type { RemoteApi } from "./remote-api.ts";
import { userHeaders } from "./user-headers.ts";

/** The certificate by which other servers know that it is this server which tells them who the user is. */
export interface ProxyCredentials {
  readonly certificatePem: string;
  readonly keyPem: string;
}

const maxDocumentBytes = 64 * 1024 * 1024;

export interface RemoteDocument {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Speaks with the servers that serve other group versions: TLS, with a certificate of its own. */
export class RemoteTransport {
  readonly #dialer: ServiceDialer | undefined;
  credentials: ProxyCredentials | undefined;

  constructor(dialer: ServiceDialer | undefined, credentials: ProxyCredentials | undefined) {
    this.#dialer = dialer;
    this.credentials = credentials;
  }

  /** Rejects with an {@link ApiError} where no endpoint is known, and with the error of the connection. */
  async connect(remote: RemoteApi, signal: AbortSignal): Promise<Duplex> {
    const { service, ca, insecure } = remote;
    if (this.#dialer === undefined) throw newServiceUnavailable("no way to Services is known");
    const stream = await this.#dialer.toService(service, signal);
    const { credentials } = this;
    return await tlsOver(stream, {
      serverName: nameOf(remote),
      insecure,
      ...(ca === undefined ? {} : { ca }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  }

  async send(
    remote: RemoteApi,
    request: ClientRequest & { readonly signal: AbortSignal },
  ): Promise<ClientAnswer> {
    const stream = await this.connect(remote, request.signal);
    return await sendRequest(stream, { ...request, headers: [["Host", hostOf(remote)], ...request.headers] });
  }

  /** Reads a whole document on behalf of a part of this server. */
  async read(
    remote: RemoteApi,
    target: string,
    user: UserInfo,
    { headers = [], timeoutMs }: { readonly headers?: ClientRequest["headers"]; readonly timeoutMs: number },
  ): Promise<RemoteDocument> {
    const signal = AbortSignal.timeout(timeoutMs);
    const all = [...userHeaders(user), ...headers];
    const answer = await this.send(remote, { method: "GET", target, headers: all, signal });
    if (answer.kind === "upgraded") throw new Error("the server changed the protocol unasked");
    const { status, headers: answered } = answer.response;
    const text = Buffer.from(await readBody(answer.response, maxDocumentBytes)).toString("utf8");
    return { status, headers: answered, text };
  }
}

/** As whom a server is addressed. */
export function hostOf(remote: RemoteApi): string {
  return `${nameOf(remote)}:${remote.service.port}`;
}

/** Why a server was not reached. */
export function failureWords(remote: RemoteApi, error: unknown): string {
  return networkWords(error, { host: nameOf(remote), port: remote.service.port });
}

/** The name that its certificate must have. */
function nameOf({ service }: RemoteApi): string {
  return `${service.name}.${service.namespace}.svc`;
}
