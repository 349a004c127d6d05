/** `pods/NAME/proxy` and `services/NAME/proxy`: requests passed on to what runs in the cluster. */

import type { Duplex } from "node:stream";
import type { V1Pod } from "../../api/generated/types.ts";
import { ApiError } from "../../apimachinery/errors.ts";
import { newBadRequest, newServiceUnavailable } from "../../apimachinery/status-errors.ts";
import { messageOf } from "../../base/errors.ts";
import { passedBody, sendRequest } from "../../base/http/http-client.ts";
import { headerPairs, type RequestHead } from "../../base/http/request-head.ts";
import { tlsOver } from "../../base/http/tls-over.ts";
import type { ResourceRequestInfo } from "../request-info.ts";
import type { ClusterConnector } from "./cluster-connector.ts";
import { forwardedHeaders } from "./forwarded-headers.ts";
import { passUpgrade } from "./pass-upgrade.ts";
import { withProxiedLinks } from "./proxied-links.ts";

/** What a proxied name says: `https:web:metrics`, `web:8080`, `web`. */
interface ProxiedName {
  readonly scheme: "http" | "https";
  readonly name: string;
  readonly port: string;
}

/** Throws BadRequest for a name that is none. */
export function parseProxiedName(kind: string, text: string): ProxiedName {
  const parts = text.split(":");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length <= 2) return { scheme: "http", name: first, port: second };
  const scheme = first === "" ? "http" : first;
  if (parts.length === 3 && (scheme === "http" || scheme === "https")) {
    return { scheme, name: second, port: third };
  }
  throw newBadRequest(`invalid ${kind} request ${JSON.stringify(text)}`);
}

/** Where a proxied request goes. */
export interface ProxyTarget {
  readonly proxied: ProxiedName;
  /** Present for a Pod; otherwise a Service is meant. */
  readonly pod?: V1Pod;
  readonly namespace: string;
  /** The path up to and with `/proxy`. */
  readonly prefix: string;
  /** What follows it, with the query. */
  readonly target: string;
}

/** The parts of a proxied request's URL. */
export function proxyTarget(info: ResourceRequestInfo, url: string, pod: V1Pod | undefined): ProxyTarget {
  const { pathname, search } = new URL(url);
  const end = pathname.indexOf("/proxy", pathname.indexOf(`/${info.resource}/`)) + "/proxy".length;
  const proxied = parseProxiedName(info.resource === "pods" ? "pod" : "service", info.name);
  const [prefix, rest] = [pathname.slice(0, end), pathname.slice(end)];
  return {
    proxied,
    namespace: info.namespace,
    prefix,
    target: rest + search,
    ...(pod === undefined ? {} : { pod }),
  };
}

export class WorkloadProxy {
  readonly #connector: ClusterConnector;

  constructor(connector: ClusterConnector) {
    this.#connector = connector;
  }

  /** Passes a request on, whatever the answer. Throws API errors where there is none. */
  async fetch(to: ProxyTarget, request: Request, signal: AbortSignal): Promise<Response> {
    const isReading = request.method === "GET" || request.method === "HEAD";
    if (isReading && !to.target.startsWith("/")) {
      return new Response(null, { status: 301, headers: { location: `${to.prefix}/${to.target}` } });
    }
    const stream = await this.#connect(to, signal);
    const headers = [...forwardedHeaders(request.headers), ...forwardingHeaders(to, request.headers)];
    const answer = await reached(
      sendRequest(stream, {
        method: request.method,
        target: pathOf(to),
        headers,
        ...passedBody(request),
        signal,
      }),
    );
    if (answer.kind === "response") {
      const host = request.headers.get("host") ?? "";
      return withProxiedLinks(answer.response, { prefix: to.prefix, host });
    }
    stream.destroy();
    throw newServiceUnavailable("error trying to reach service: it changed the protocol unasked");
  }

  /** Passes an upgrade on and carries the bytes of the new protocol. Resolves when the stream has closed. */
  async upgrade(to: ProxyTarget, head: RequestHead, stream: Duplex, signal: AbortSignal): Promise<void> {
    const backend = await this.#connect(to, signal);
    const given = headerPairs(head.rawHeaders);
    const headers = [
      ...forwardedHeaders(given),
      ...forwardingHeaders(to, new Headers(given.map(([name, value]) => [name, value]))),
    ];
    await reached(passUpgrade({ head, stream, backend, target: pathOf(to), headers, signal }));
  }

  async #connect({ proxied, namespace, pod }: ProxyTarget, signal: AbortSignal): Promise<Duplex> {
    const { scheme, name, port } = proxied;
    const connecting =
      pod === undefined
        ? this.#connector.toService({ namespace, name, port }, signal)
        : this.#connector.toPod(pod, podPort(pod, port), signal);
    const stream = await reached(connecting);
    // As upstream: nobody has said which authority signs what runs in the cluster.
    return scheme === "http" ? stream : reached(tlsOver(stream, { serverName: name, insecure: true }));
  }
}

/** The port meant, else the first that a container names, else HTTP's. Throws BadRequest. */
function podPort({ spec }: V1Pod, text: string): number {
  if (text === "") {
    const ports = (spec?.containers ?? []).flatMap((container) => container.ports ?? []);
    return ports[0]?.containerPort ?? 80;
  }
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw newBadRequest(`invalid port ${JSON.stringify(text)}: expected a number from 1 to 65535`);
}

function pathOf({ target }: ProxyTarget): string {
  return target.startsWith("/") ? target : `/${target}`;
}

/** What the other side may want to know of the request that came here. */
function forwardingHeaders({ prefix, target }: ProxyTarget, headers: Headers) {
  const host = headers.get("host");
  const pairs: Array<readonly [string, string]> = [["X-Forwarded-Uri", prefix + target]];
  if (host !== null) pairs.push(["X-Forwarded-Host", host]);
  pairs.push(["X-Forwarded-Proto", "https"]);
  return pairs;
}

/** Throws kube-apiserver's words where nothing answers. */
async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const why = messageOf(error);
    throw newServiceUnavailable(`error trying to reach service: ${why}`);
  }
}
