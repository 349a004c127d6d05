import { messageOf } from "../../../supervisor/base/errors.ts";
import type { PodSandboxStatus } from "../../runtime/runtime.ts";
import { type HttpAnswer, type HttpGet, httpGet } from "./http-get.ts";
import type { PodDialer } from "./pod-dialer.ts";

const maxRedirects = 10;

/**
 * Asks for a page and follows redirects to the same host, as the kubelet's clients do; the answer that leads elsewhere
 * is the last. Rejects with an error in the words of Go's client, `Get "URL": …`.
 */
export async function httpFetch(
  request: HttpGet,
  sandbox: PodSandboxStatus,
  dial: PodDialer,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  let url = request.url;
  try {
    for (let redirects = 0; redirects < maxRedirects; redirects++) {
      const answer = await httpGet({ ...request, url }, sandbox, dial, signal);
      const next = redirectOf(answer, url);
      if (next?.hostname !== request.url.hostname) return answer;
      url = next;
    }
    throw new Error(`stopped after ${maxRedirects} redirects`);
  } catch (error) {
    const why = signal.aborted
      ? "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
      : messageOf(error);
    throw new Error(`Get ${JSON.stringify(url.href)}: ${why}`, { cause: error });
  }
}

function redirectOf({ statusCode, location }: HttpAnswer, from: URL): URL | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode);
  return isRedirect && location ? (URL.parse(location, from.href) ?? undefined) : undefined;
}
