import type { Transport, TransportRequest } from "./types.ts";

/** What a handler gets beside a request: who asks, and a signal that aborts when the client leaves. */
type InProcessConnection<Caller extends object> = Caller & { readonly signal: AbortSignal };

/** Answers one request; an API server's own entry point. */
export type InProcessHandler<Caller extends object> = (
  request: Request,
  connection: InProcessConnection<Caller>,
) => Promise<Response> | Response;

/** Speaks with an API server of the same process: no sockets, the user given by what the caller says of itself. */
export class InProcessTransport<Caller extends object> implements Transport {
  readonly #handler: InProcessHandler<Caller>;
  readonly #caller: Caller;
  readonly #userAgent: string;

  /** `userAgent` names the part of this process that asks; it is the manager of the fields that it writes. */
  constructor(handler: InProcessHandler<Caller>, caller: Caller, userAgent = "pacific") {
    this.#handler = handler;
    this.#caller = caller;
    this.#userAgent = userAgent;
  }

  async fetch(path: string, init: TransportRequest = {}): Promise<Response> {
    init.signal?.throwIfAborted();
    const request = new Request(`http://in-process${path}`, {
      method: init.method ?? "GET",
      headers: { accept: "application/json", "user-agent": this.#userAgent, ...init.headers },
      ...(init.body === undefined ? {} : { body: init.body }),
    });
    return await this.#handler(request, { ...this.#caller, signal: init.signal ?? neverAborted });
  }
}

const neverAborted = new AbortController().signal;
