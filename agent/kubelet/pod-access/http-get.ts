import type { Duplex } from "node:stream";
import type { V1Container, V1HTTPGetAction } from "../../../supervisor/api/generated/types.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import { sendRequest } from "../../../supervisor/base/http/http-client.ts";
import { tlsOver } from "../../../supervisor/base/http/tls-over.ts";
import type { PodSandboxStatus } from "../../runtime/runtime.ts";
import { containerPort } from "./container-port.ts";
import { hostAndPort, type PodDialer, targetHost } from "./pod-dialer.ts";

export interface HttpGet {
  readonly url: URL;
  /** The user's own headers, and those that every request of the kind has. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  /** Who is connected to: the Pod where absent. */
  readonly host?: string;
}

export interface HttpAnswer {
  readonly statusCode: number;
  /** Where the answer leads elsewhere. */
  readonly location?: string;
  /** At most 10 KiB. */
  readonly body: string;
}

/** What a probe or hook reads of an answer (`maxRespBodyLength`). */
const maxBodyBytes = 10 * 1024;

/** The request of a probe or a hook (`probe/http.NewRequestForHTTPGetAction`). Throws for a port nobody has. */
export function httpGetOf(
  action: V1HTTPGetAction,
  container: V1Container,
  sandbox: PodSandboxStatus,
  userAgent: string,
): HttpGet {
  const port = containerPort(action.port, container);
  const scheme = (action.scheme ?? "HTTP").toLowerCase();
  const { host = "", path = "" } = action;
  const authority = hostAndPort(targetHost({ sandbox, host }), port);
  const url = new URL(`${scheme}://${authority}${path.startsWith("/") ? "" : "/"}${path}`);
  url.hash = "";
  const headers = (action.httpHeaders ?? []).map(({ name, value }) => [name, value] as const);
  return {
    url,
    headers: withDefaults(headers, [
      ["Host", url.host],
      ["User-Agent", userAgent],
      ["Accept", "*/*"],
      ["Connection", "close"],
    ]),
    ...(host && { host }),
  };
}

/** Sends the request over a connection of its own. Rejects with the signal's reason, or what went wrong. */
export async function httpGet(
  request: HttpGet,
  sandbox: PodSandboxStatus,
  dial: PodDialer,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  for (const [name, value] of request.headers) {
    if (/[\r\n\0]/.test(name + value)) throw new Error(`net/http: invalid header field value for "${name}"`);
  }
  const { url, host = "" } = request;
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const raw = await dial({ sandbox, host, port }, signal);
  const abort = (): void => void raw.destroy(asError(signal.reason));
  signal.addEventListener("abort", abort, { once: true });
  try {
    const stream = url.protocol === "https:" ? await overTls(raw, url) : raw;
    return await exchange(stream, request, signal);
  } finally {
    signal.removeEventListener("abort", abort);
    raw.destroy();
  }
}

async function overTls(raw: Duplex, url: URL): Promise<Duplex> {
  const isAddress = /^[\d.]+$|:/.test(url.hostname);
  return await tlsOver(raw, { serverName: isAddress ? "" : url.hostname, insecure: true });
}

async function exchange(stream: Duplex, { url, headers }: HttpGet, signal: AbortSignal): Promise<HttpAnswer> {
  const target = `${url.pathname}${url.search}`;
  const answer = await sendRequest(stream, { method: "GET", target, headers, signal });
  if (answer.kind === "upgraded") throw new Error("the server upgraded a connection that did not ask for it");
  const { response } = answer;
  const location = response.headers.get("location");
  return {
    statusCode: response.status,
    body: await readAtMost(response, maxBodyBytes),
    ...(location !== null && { location }),
  };
}

async function readAtMost(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString();
}

/** A header that the user names takes the default's place; named without a value it is left out. */
function withDefaults(
  own: ReadonlyArray<readonly [string, string]>,
  defaults: ReadonlyArray<readonly [string, string]>,
): ReadonlyArray<readonly [string, string]> {
  const named = new Set(own.map(([name]) => name.toLowerCase()));
  const missing = defaults.filter(([name]) => !named.has(name.toLowerCase()));
  return [...missing, ...own.filter(([, value]) => value !== "")];
}
