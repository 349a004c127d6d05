/** Calls webhooks: HTTPS endpoints of users that the API server asks (apiserver `pkg/util/webhook`). */

import type { Duplex } from "node:stream";
import { isJsonObject, type JsonObject } from "../../apimachinery/json/json-value.ts";
import { messageOf } from "../../base/errors.ts";
import { sendRequest } from "../../base/http/http-client.ts";
import { networkWords } from "../../base/http/network-words.ts";
import { BodyTooLargeError, readBody } from "../../base/http/read-body.ts";
import { tlsOver } from "../../base/http/tls-over.ts";

/** Where a webhook is, as definitions and configurations say it: an URL, or a Service of the cluster. */
export interface WebhookTarget {
  readonly url?: string;
  readonly service?: WebhookService;
  /** Base64 of the CA certificates (PEM) that must have signed the webhook's; the system's where absent. */
  readonly caBundle?: string;
}

interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  readonly port?: number;
  readonly path?: string;
}

/** Finds a way to a Service, whose addresses this process may have no route to. */
export interface ServiceDialer {
  /** A connection to one of a Service's endpoints. Throws an `Error` whose message says why there is none. */
  toService(
    service: { readonly namespace: string; readonly name: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<Duplex>;
}

/** A webhook could not be asked, or did not answer as one. */
class WebhookError extends Error {
  override readonly name = "WebhookError";
}

const defaultTimeoutSeconds = 30;
const httpsPort = 443;
const headers = {
  "content-type": "application/json",
  accept: "application/json",
  // What is compressed could be large whatever its length says.
  "accept-encoding": "identity",
  "user-agent": "kube-apiserver-admission",
};
const maxAnswerBytes = 3 * 1024 * 1024;

export interface WebhookCall {
  readonly target: WebhookTarget;
  readonly review: object;
  readonly dialer: ServiceDialer | undefined;
  /** Whole seconds, which the webhook is told too. */
  readonly timeoutSeconds?: number;
}

/** Posts a review and returns the answer's object. Throws a {@link WebhookError}. */
export async function callWebhook(call: WebhookCall): Promise<JsonObject> {
  const { target, timeoutSeconds = defaultTimeoutSeconds } = call;
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const answer =
      target.service === undefined
        ? await askUrl(call, signal)
        : await askService(call, target.service, signal);
    return await answerOf(answer);
  } catch (error) {
    if (error instanceof WebhookError) throw error;
    const shown = new URL(shownUrl(target, timeoutSeconds));
    const place = { host: shown.hostname, port: shown.port || httpsPort };
    const why = signal.aborted ? "context deadline exceeded" : networkWords(error, place);
    throw new WebhookError(`Post ${JSON.stringify(shownUrl(target, timeoutSeconds))}: ${why}`, {
      cause: error,
    });
  }
}

function askUrl(
  { target, review, timeoutSeconds = defaultTimeoutSeconds }: WebhookCall,
  signal: AbortSignal,
): Promise<Response> {
  const ca = authoritiesOf(target);
  return fetch(shownUrl(target, timeoutSeconds), {
    method: "POST",
    headers,
    body: JSON.stringify(review),
    redirect: "manual",
    decompress: false,
    signal,
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
}

async function askService(
  call: WebhookCall,
  service: WebhookService,
  signal: AbortSignal,
): Promise<Response> {
  const { target, review, dialer, timeoutSeconds = defaultTimeoutSeconds } = call;
  if (dialer === undefined) throw new Error(`no way to service ${JSON.stringify(service.name)} is known`);
  const { namespace, name, port = httpsPort } = service;
  const ca = authoritiesOf(target);
  const host = hostOf(service);
  const stream = await dialer.toService({ namespace, name, port }, signal);
  const secured = await tlsOver(stream, { serverName: host, ...(ca === undefined ? {} : { ca }) });
  const text = JSON.stringify(review);
  const answer = await sendRequest(secured, {
    method: "POST",
    target: `${pathOf(service) || "/"}?timeout=${timeoutSeconds}s`,
    headers: [["Host", host], ...Object.entries(headers)],
    body: new Response(text).body,
    bodyBytes: Buffer.byteLength(text),
    signal,
  });
  if (answer.kind === "response") return answer.response;
  secured.destroy();
  throw new Error("the webhook changed the protocol unasked");
}

function hostOf({ name, namespace }: WebhookService): string {
  return `${name}.${namespace}.svc`;
}

function pathOf({ path = "" }: WebhookService): string {
  return path.startsWith("/") || path === "" ? path : `/${path}`;
}

/** The URL that messages name. */
function shownUrl({ url, service }: WebhookTarget, timeoutSeconds: number): string {
  const base =
    service === undefined
      ? (url ?? "")
      : `https://${hostOf(service)}:${service.port ?? httpsPort}${pathOf(service)}`;
  return `${base}?timeout=${timeoutSeconds}s`;
}

/** PEM; undefined for those of the system. */
function authoritiesOf({ caBundle }: WebhookTarget): string | undefined {
  return (
    Buffer.from(caBundle ?? "", "base64")
      .toString("utf8")
      .trim() || undefined
  );
}

async function answerOf(response: Response): Promise<JsonObject> {
  if (response.status >= 300 && response.status <= 399) {
    await response.body?.cancel();
    throw new WebhookError("the webhook attempted to redirect this request, which is not permitted");
  }
  const text = await textOf(response);
  if (response.status === 404) throw new WebhookError("the server could not find the requested resource");
  if (!response.ok) {
    throw new WebhookError(
      `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`,
    );
  }
  const answer = parsed(text);
  if (!isJsonObject(answer)) throw new WebhookError("the answer is no object");
  return answer;
}

async function textOf(response: Response): Promise<string> {
  try {
    return Buffer.from(await readBody(response, maxAnswerBytes)).toString("utf8");
  } catch (error) {
    if (error instanceof BodyTooLargeError) throw new WebhookError("the answer is larger than 3 MiB");
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WebhookError(`the answer is no JSON: ${messageOf(error)}`, { cause: error });
  }
}
