import { createServer, type Socket } from "node:net";
import type { HttpOptions } from "./http-options.ts";
import { type Listener, type ListenerOptions, runListener } from "./listener.ts";
import { serveHttp } from "./serve-http.ts";

export interface ListenUnixOptions extends HttpOptions, ListenerOptions {
  /** The socket's path; nothing may be there yet. */
  readonly path: string;
}

/** Serves HTTP/1.1 on a unix socket until the signal. Rejects when the path cannot be had. */
export function listenUnix(options: ListenUnixOptions): Promise<Listener> {
  return runListener(
    createServer(),
    { path: options.path },
    "connection",
    (socket: Socket) => serveHttp(socket, options, { remoteAddress: "unix", signal: options.signal }),
    options,
  );
}
