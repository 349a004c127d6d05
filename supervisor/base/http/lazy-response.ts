/**
 * A Response whose parts the server takes as they are. The platform's own is made when somebody looks at more than the
 * status; for a small answer it would cost more than its bytes.
 */
export abstract class LazyResponse implements Partial<Response> {
  readonly status: number;
  #platform: Response | undefined;

  constructor(status: number) {
    this.status = status;
  }

  /** The platform's own with the same parts; called once at most. */
  protected abstract make(): Response;

  /** Whether somebody has looked into it: its parts are the platform's then. */
  protected get isOpened(): boolean {
    return this.#platform !== undefined;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get headers(): Headers {
    return this.#response.headers;
  }

  get body(): Response["body"] {
    return this.#response.body;
  }

  get bodyUsed(): boolean {
    return this.#platform?.bodyUsed ?? false;
  }

  get statusText(): string {
    return "";
  }

  text(): Promise<string> {
    return this.#response.text();
  }

  json(): Promise<unknown> {
    return this.#response.json();
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#response.arrayBuffer();
  }

  bytes(): ReturnType<Response["bytes"]> {
    return this.#response.bytes();
  }

  blob(): ReturnType<Response["blob"]> {
    return this.#response.blob();
  }

  clone(): Response {
    return this.#response.clone() as Response;
  }

  get #response(): Response {
    this.#platform ??= this.make();
    return this.#platform;
  }
}
// What the class has not is inherited, and of no meaning here: type, url, redirected and the like.
Object.setPrototypeOf(LazyResponse.prototype, Response.prototype);
