import type { ConnectionInfo, PeerSubject } from "./connection-info.ts";
import type { TakeOver } from "./http-options.ts";
import type { IncomingBody } from "./incoming-body.ts";
import { incomingRequest } from "./incoming-request.ts";
import type { RequestHead } from "./request-head.ts";

/** Bodies up to this size are read before the handler is called, which is then spared a stream. */
const wholeBodyBytes = 64 * 1024;

/** One request and its answer. It is also the handler's ConnectionInfo. */
export class Exchange implements ConnectionInfo {
  readonly head: RequestHead;
  readonly body: IncomingBody;
  readonly remoteAddress: string;
  readonly peer?: PeerSubject;
  takeOver: TakeOver | undefined;
  dispatched = false;
  /** The client was told to send the body it asked leave for. */
  continued = false;
  /** The answer's head may be out. */
  answering = false;
  #aborted = false;
  // Made on demand: most handlers never look, and a controller is dear for a small request.
  #controller: AbortController | undefined;

  constructor(
    head: RequestHead,
    body: IncomingBody,
    connection: { readonly remoteAddress: string; readonly peer?: PeerSubject },
  ) {
    this.head = head;
    this.body = body;
    this.remoteAddress = connection.remoteAddress;
    if (connection.peer !== undefined) this.peer = connection.peer;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }

  /** Whether the handler can be called: a small body must be there. */
  get ready(): boolean {
    const { head } = this;
    return this.body.ended || head.chunked || head.expectsContinue || head.contentLength > wholeBodyBytes;
  }

  request(): Request {
    const { head, body } = this;
    if ((head.method === "GET" || head.method === "HEAD") && !body.ended) body.discard();
    return incomingRequest(head, body);
  }
}
