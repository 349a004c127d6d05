import type { IncomingBody } from "./incoming-body.ts";
import { headersOf, type RequestHead } from "./request-head.ts";

/**
 * A request as handlers get it: a `Request` to whoever looks. The platform's own is made when something is asked of it
 * that the head and the bytes at hand do not answer; for a small object that spares a quarter of what HTTP costs.
 * It cannot be given to `fetch` or `new Request`, which look behind the interface; `clone()` can.
 */
class IncomingRequest implements Partial<Request> {
  readonly #head: RequestHead;
  readonly #body: IncomingBody;
  #url: string | undefined;
  #headers: Headers | undefined;
  #platform: globalThis.Request | undefined;
  #taken = false;

  constructor(head: RequestHead, body: IncomingBody) {
    this.#head = head;
    this.#body = body;
  }

  get method(): string {
    return this.#head.method;
  }

  get url(): string {
    this.#url ??= urlOf(this.#head);
    return this.#url;
  }

  get headers(): Headers {
    this.#headers ??= headersOf(this.#head);
    return this.#headers;
  }

  get body(): Request["body"] {
    return this.#request.body;
  }

  get bodyUsed(): boolean {
    return this.#taken || (this.#platform?.bodyUsed ?? false);
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  async text(): Promise<string> {
    return this.#takeWhole()?.toString("utf8") ?? this.#request.text();
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#request.arrayBuffer();
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer());
  }

  async blob(): ReturnType<Request["blob"]> {
    return this.#request.blob();
  }

  async formData(): ReturnType<Request["formData"]> {
    return this.#request.formData();
  }

  clone(): Request {
    // Two declarations of one platform type.
    return this.#request.clone() as Request;
  }

  /** The body where all of it is here and nobody has it yet. */
  #takeWhole(): Buffer | undefined {
    if (this.#platform !== undefined || this.#taken || !this.#body.ended) return undefined;
    this.#taken = true;
    return this.#body.takeAll();
  }

  get #request(): globalThis.Request {
    if (this.#taken) throw new TypeError("The body was read already");
    this.#platform ??= this.#makeRequest();
    return this.#platform;
  }

  #makeRequest(): globalThis.Request {
    const { method, url, headers } = this;
    const isBodiless = method === "GET" || method === "HEAD";
    // A Buffer may view memory of any kind; this one is the socket's own and never shared.
    const whole = () => this.#body.takeAll() as Uint8Array<ArrayBuffer>;
    return new Request(url, {
      method,
      headers,
      body: isBodiless ? null : this.#body.ended ? whole() : this.#body.stream(),
    });
  }
}
Object.setPrototypeOf(IncomingRequest.prototype, Request.prototype);

export function incomingRequest(head: RequestHead, body: IncomingBody): Request {
  // What is not above is inherited, and means nothing on a server: mode, cache, referrer and the like.
  return new IncomingRequest(head, body) as unknown as Request;
}

/** Characters that the platform's URL leaves as they are, and segments that mean no other place. */
const plainTarget = /^[A-Za-z0-9_~/?=&%:,+*!$();@.-]*$/;
const relativeSegment = /\/(?:\.|%2e)/i;

function urlOf({ host, target }: RequestHead): string {
  const url = `https://${host}${target}`;
  return plainTarget.test(target) && !relativeSegment.test(target) ? url : new URL(url).href;
}
