/** Requests passed on to another server of the cluster (kube-aggregator `pkg/apiserver/handler_proxy.go`). */

import type { Duplex } from "node:stream";
import { ApiError } from "../../apimachinery/errors.ts";
import { fixedResponse } from "../../base/http/fixed-response.ts";
import { passedBody } from "../../base/http/http-client.ts";
import { headerPairs, type RequestHead } from "../../base/http/request-head.ts";
import { refuseUpgrade } from "../../base/http/upgrade.ts";
import { requestLife } from "../filters/request-timeout.ts";
import { forwardedHeaders } from "../proxy/forwarded-headers.ts";
import { passUpgrade } from "../proxy/pass-upgrade.ts";
import type { RequestContext } from "../request-context.ts";
import type { RemoteApi } from "./remote-api.ts";
import { failureWords, hostOf, type RemoteTransport } from "./remote-transport.ts";
import { userHeaders } from "./user-headers.ts";

export interface Passed {
  readonly response: Response;
  /** Whether it is the other server's answer. */
  readonly isReached: boolean;
}

const redirected = "the backend attempted to redirect this request, which is not permitted";

/** Passes a request on. Never rejects. */
export async function passRequest(
  remote: RemoteApi,
  context: RequestContext,
  transport: RemoteTransport,
): Promise<Passed> {
  if (!remote.available) return { response: unavailable(), isReached: false };
  const { request } = context;
  try {
    const answer = await transport.send(remote, {
      method: request.method,
      target: targetOf(request.url),
      headers: headersFor(context, request.headers),
      ...passedBody(request),
      signal: requestLife(context.connection, context.info),
    });
    if (answer.kind === "upgraded") throw new Error("it changed the protocol unasked");
    const { response } = answer;
    if (!isRedirect(response)) return { response, isReached: true };
    await response.body?.cancel();
    return { response: plainText(502, redirected), isReached: true };
  } catch (error) {
    return { response: failure(remote, error), isReached: false };
  }
}

/** Passes an upgrade on and carries its bytes. Resolves when the stream has closed. */
export async function passStream(
  remote: RemoteApi,
  context: RequestContext,
  transport: RemoteTransport,
  { head, stream }: { readonly head: RequestHead; readonly stream: Duplex },
): Promise<void> {
  if (!remote.available) return refuseUpgrade(stream, unavailable());
  const { signal } = context.connection;
  try {
    const headers = [["Host", hostOf(remote)], ...headersFor(context, headerPairs(head.rawHeaders))] as const;
    const backend = await transport.connect(remote, signal);
    await passUpgrade({ head, stream, backend, target: head.target, headers, signal });
  } catch (error) {
    await refuseUpgrade(stream, failure(remote, error));
  }
}

function headersFor(
  { user, auditId, connection, request, info }: RequestContext,
  given: Iterable<readonly [string, string]>,
): ReadonlyArray<readonly [string, string]> {
  const kept = forwardedHeaders(given).filter(
    ([name]) => !/^(audit-id|x-forwarded-(for|host|uri|proto))$/i.test(name),
  );
  const before = request.headers.get("x-forwarded-for");
  const host = request.headers.get("host");
  return [
    ...kept,
    ...userHeaders(user),
    ["Audit-ID", auditId],
    [
      "X-Forwarded-For",
      before === null ? connection.remoteAddress : `${before}, ${connection.remoteAddress}`,
    ],
    ["X-Forwarded-Uri", info.path],
    ...(host === null ? [] : [["X-Forwarded-Host", host] as const]),
    ["X-Forwarded-Proto", "https"],
  ];
}

/** Path and query, as the client wrote them. */
function targetOf(url: string): string {
  return url.slice(url.indexOf("/", url.indexOf("://") + 3));
}

function isRedirect({ status, headers }: Response): boolean {
  return status >= 300 && status <= 399 && (headers.get("location") ?? "") !== "";
}

function unavailable(): Response {
  return plainText(503, "service unavailable");
}

function failure(remote: RemoteApi, error: unknown): Response {
  if (error instanceof ApiError) return unavailable();
  return plainText(503, `error trying to reach service: ${failureWords(remote, error)}`);
}

function plainText(status: number, text: string): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  return fixedResponse(`${text}\n`, { status, headers });
}
