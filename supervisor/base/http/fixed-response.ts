import { LazyResponse } from "./lazy-response.ts";

/** What is sent of a {@link fixedResponse}. */
interface FixedParts {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A Response whose parts are at hand: the server sends them in one write. */
class FixedResponse extends LazyResponse {
  readonly #parts: FixedParts;

  constructor(parts: FixedParts) {
    super(parts.status);
    this.#parts = parts;
  }

  static partsOf(response: Response): FixedParts | undefined {
    if (!(#parts in response)) return undefined;
    return response.isOpened ? undefined : response.#parts;
  }

  protected override make(): Response {
    const { body, status, headers } = this.#parts;
    // Bun takes every Uint8Array as a body; the type asks for one over an ArrayBuffer.
    return new Response(body as string | Uint8Array<ArrayBuffer>, { status, headers });
  }
}

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
  // A Response to whoever looks: see LazyResponse.
  return new FixedResponse({ status, headers, body }) as unknown as Response;
}

/** The parts of a {@link fixedResponse}; undefined for others, and where somebody has looked into it. */
export const fixedPartsOf = FixedResponse.partsOf;
