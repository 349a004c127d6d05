/** Calls webhooks: HTTPS endpoints of users that the API server asks (apiserver `pkg/util/webhook`). */
import { isJsonObject, type JsonObject } from "../../apimachinery/json/json-value.ts";

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
  /** The origin to send requests to, `https://127.0.0.1:4711`. Throws an `Error` whose message says why there is none. */
  dial(service: WebhookService): Promise<string>;
}

/** A webhook could not be asked, or did not answer as one. */
class WebhookError extends Error {
  override readonly name = "WebhookError";
}

const timeoutSeconds = 30;
const maxAnswerBytes = 3 * 1024 * 1024;

/** Posts a review and returns the answer's object. Throws a {@link WebhookError}. */
export async function callWebhook(
  target: WebhookTarget,
  review: object,
  dialer: ServiceDialer | undefined,
): Promise<JsonObject> {
  const shown = shownUrl(target);
  try {
    const response = await fetch(await requestUrl(target, dialer), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(review),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
      tls: tlsOf(target),
    });
    return await answerOf(response);
  } catch (error) {
    if (error instanceof WebhookError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new WebhookError(`Post ${JSON.stringify(shown)}: ${why}`, { cause: error });
  }
}

function hostOf({ name, namespace }: WebhookService): string {
  return `${name}.${namespace}.svc`;
}

function pathOf({ path = "" }: WebhookService): string {
  return path.startsWith("/") || path === "" ? path : `/${path}`;
}

/** The URL that messages name. */
function shownUrl({ url, service }: WebhookTarget): string {
  const base =
    service === undefined
      ? (url ?? "")
      : `https://${hostOf(service)}:${service.port ?? 443}${pathOf(service)}`;
  return `${base}?timeout=${timeoutSeconds}s`;
}

async function requestUrl(target: WebhookTarget, dialer: ServiceDialer | undefined): Promise<string> {
  const { service } = target;
  if (service === undefined) return shownUrl(target);
  if (dialer === undefined) throw new Error(`no way to service ${JSON.stringify(service.name)} is known`);
  return `${await dialer.dial(service)}${pathOf(service)}?timeout=${timeoutSeconds}s`;
}

function tlsOf({ caBundle, service }: WebhookTarget): Bun.TLSOptions {
  const ca = Buffer.from(caBundle ?? "", "base64")
    .toString("utf8")
    .trim();
  return {
    ...(ca === "" ? {} : { ca }),
    ...(service === undefined ? {} : { serverName: hostOf(service) }),
  };
}

async function answerOf(response: Response): Promise<JsonObject> {
  const text = await response.text();
  if (response.status === 404) throw new WebhookError("the server could not find the requested resource");
  if (!response.ok) {
    throw new WebhookError(
      `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`,
    );
  }
  if (text.length > maxAnswerBytes) throw new WebhookError("the answer is larger than 3 MiB");
  const answer: unknown = JSON.parse(text);
  if (!isJsonObject(answer)) throw new WebhookError("the answer is no object");
  return answer;
}
