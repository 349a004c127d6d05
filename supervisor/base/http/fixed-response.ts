/** What is sent of a {@link fixedResponse}. */
interface FixedParts {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * A Response whose parts are at hand: the server sends them in one write. The platform's own is made when somebody
 * looks at more than the status.
 */
class FixedResponse implements Partial<Response> {
  readonly #parts: FixedParts;
  #platform: Response | undefined;

  constructor(parts: FixedParts) {
    this.#parts = parts;
  }

  static partsOf(response: Response): FixedParts | undefined {
    if (!(#parts in response)) return undefined;
    return response.#platform === undefined ? response.#parts : undefined;
  }

  get status(): number {
    return this.#parts.status;
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
    const { body, status, headers } = this.#parts;
    // Bun takes every Uint8Array as a body; the type asks for one over an ArrayBuffer.
    this.#platform ??= new Response(body as string | Uint8Array<ArrayBuffer>, { status, headers });
    return this.#platform;
  }
}
Object.setPrototypeOf(FixedResponse.prototype, Response.prototype);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const forbiddenInValue = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * A Response whose whole body is at hand. Its headers have names in lower case. Throws a TypeError for a header's value
 * that would end its line.
 */
export function fixedResponse(
  body: string | Uint8Array,
  init: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): Response {
  const { status = 200, headers = {} } = init;
  for (const name in headers) {
    if (forbiddenInValue.test(headers[name] ?? ""))
      throw new TypeError(`Header ${name} has a control character`);
  }
  // What the class has not is inherited, and of no meaning here: type, url, redirected and the like.
  return new FixedResponse({ status, headers, body }) as unknown as Response;
}

/** The parts of a {@link fixedResponse}; undefined for others, and where somebody has looked into it. */
export const fixedPartsOf = FixedResponse.partsOf;
