import type { Transport, TransportRequest } from "./types.ts";

/** Answers one request of a connection; an API server's own entry point. */
export type InProcessHandler<Connection> = (
  request: Request,
  connection: Connection,
) => Promise<Response> | Response;

/** Speaks with an API server of the same process: no sockets, the user given by the connection. */
export class InProcessTransport<Connection> implements Transport {
  readonly #handler: InProcessHandler<Connection>;
  readonly #connection: Connection;

  constructor(handler: InProcessHandler<Connection>, connection: Connection) {
    this.#handler = handler;
    this.#connection = connection;
  }

  async fetch(path: string, init: TransportRequest = {}): Promise<Response> {
    init.signal?.throwIfAborted();
    const request = new Request(`http://in-process${path}`, {
      method: init.method ?? "GET",
      headers: { accept: "application/json", "user-agent": "pacific", ...init.headers },
      ...(init.body === undefined ? {} : { body: init.body }),
      ...(init.signal === undefined ? {} : { signal: init.signal }),
    });
    return await this.#handler(request, this.#connection);
  }
}
