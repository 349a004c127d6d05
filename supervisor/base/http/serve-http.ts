import type { Duplex } from "node:stream";
import type { PeerSubject } from "./connection-info.ts";
import { HttpConnection } from "./http-connection.ts";
import { defaultLimits, type HttpOptions } from "./http-options.ts";

export interface ServedStream {
  readonly remoteAddress: string;
  readonly peer?: PeerSubject;
  /** No new request is taken after it aborts; the one in work is answered. */
  readonly signal?: AbortSignal;
}

/**
 * Serves HTTP/1.1 on one stream: a TLS socket, a unix socket, a tunnel's stream. Resolves when the stream has closed,
 * also when it was taken over by an upgrade in between; never rejects.
 */
export function serveHttp(stream: Duplex, options: HttpOptions, served: ServedStream): Promise<void> {
  const connection = new HttpConnection(stream, options, { ...defaultLimits, ...options.limits }, served);
  const stop = (): void => connection.stop();
  served.signal?.addEventListener("abort", stop, { once: true });
  if (served.signal?.aborted) stop();
  return connection.closed.finally(() => served.signal?.removeEventListener("abort", stop));
}
