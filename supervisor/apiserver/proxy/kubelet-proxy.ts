import type { Duplex } from "node:stream";
import { ApiError } from "../../apimachinery/errors.ts";
import { newBadRequest, newInternalError } from "../../apimachinery/status-errors.ts";
import { messageOf } from "../../base/errors.ts";
import type { ConnectionInfo } from "../../base/http/connection-info.ts";
import {
  type ClientAnswer,
  type ClientRequest,
  passedBody,
  sendRequest,
} from "../../base/http/http-client.ts";
import { readBody } from "../../base/http/read-body.ts";
import { headerPairs, type RequestHead } from "../../base/http/request-head.ts";
import { refuseUpgrade } from "../../base/http/upgrade.ts";
import { forwardedHeaders } from "./forwarded-headers.ts";
import { DialError, type NodeDialer } from "./node-dialer.ts";
import { passUpgrade } from "./pass-upgrade.ts";
import type { KubeletLocation } from "./pod-location.ts";
import { statusResponse } from "./status-response.ts";

/** How much of a kubelet's error text is told to clients. */
const errorTextBytes = 50_000;

/** Passes requests on to kubelets. The caller has authenticated and authorized them. */
export class KubeletProxy {
  readonly #dialer: NodeDialer;

  constructor(dialer: NodeDialer) {
    this.#dialer = dialer;
  }

  /** Passes a request on, whatever the kubelet answers. Throws an {@link ApiError} when it cannot be reached. */
  async fetch(location: KubeletLocation, request: Request, connection: ConnectionInfo): Promise<Response> {
    const answer = await this.#send(location, connection.signal, {
      method: request.method,
      headers: forwardedHeaders(request.headers),
      ...passedBody(request),
    });
    if (answer.kind === "response") return answer.response;
    throw newInternalError(new Error("The kubelet changed the protocol unasked"));
  }

  /** A container's log. Throws an {@link ApiError} for a kubelet's error. */
  async log(location: KubeletLocation, podName: string, connection: ConnectionInfo): Promise<Response> {
    const request = new Request("http://kubelet/", { headers: { accept: "*/*" } });
    const response = await this.fetch(location, request, connection);
    if (response.status >= 200 && response.status <= 206) {
      return new Response(response.body, { headers: { "content-type": "text/plain" } });
    }
    const text = Buffer.from(await readBody(response, errorTextBytes)).toString("utf8");
    throw kubeletError(response.status, podName, text);
  }

  /** Passes an upgrade on and carries the bytes of the new protocol. Resolves when the stream has closed. */
  async upgrade(
    location: KubeletLocation,
    head: RequestHead,
    stream: Duplex,
    connection: ConnectionInfo,
  ): Promise<void> {
    const backend = await this.#dial(location.nodeName, connection.signal);
    const headers = forwardedHeaders(headerPairs(head.rawHeaders));
    const { target } = location;
    const { signal } = connection;
    await this.#attempt(passUpgrade({ head, stream, backend, target, headers, signal }));
  }

  async #send(
    location: KubeletLocation,
    signal: AbortSignal,
    request: Omit<ClientRequest, "target" | "signal">,
  ): Promise<ClientAnswer> {
    const stream = await this.#dial(location.nodeName, signal);
    return this.#attempt(sendRequest(stream, { ...request, target: location.target, signal }));
  }

  #dial(nodeName: string, signal: AbortSignal): Promise<Duplex> {
    return this.#attempt(this.#dialer.dial(nodeName, signal));
  }

  async #attempt<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw dialFailure(error);
    }
  }
}

/** Answers an upgrade that failed, as an API error. */
export function refuseWithError(stream: Duplex, error: unknown): Promise<void> {
  return refuseUpgrade(stream, statusResponse(error instanceof ApiError ? error : newInternalError(error)));
}

/** kube-apiserver's answer when a kubelet does not: 500 without a reason. */
function dialFailure(error: unknown): ApiError {
  const text = messageOf(error);
  const prefix = error instanceof DialError ? "error dialing backend" : "error sending request to backend";
  const message = `${prefix}: ${text}`;
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, code: 500 };
  return new ApiError(status, { cause: error });
}

/** A kubelet's plain text as an API error (registry `GenericHttpResponseChecker`). */
function kubeletError(code: number, podName: string, text: string): ApiError {
  if (code === 500) return newInternalError(new Error(text));
  if (code === 400) return newBadRequest(text);
  const notFound = code === 404;
  return new ApiError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: notFound
      ? `the server could not find the requested resource ( pods ${podName})`
      : `the server responded with the status code ${code} but did not return more information ( pods ${podName})`,
    reason: notFound ? "NotFound" : "Unknown",
    details: { name: podName, kind: "pods", causes: [{ reason: "UnexpectedServerResponse", message: text }] },
    code,
  });
}
