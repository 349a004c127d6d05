const fixedBodies = new WeakMap<Response, string | Uint8Array>();

/**
 * A Response whose whole body is at hand. The server sends it with its length in one write, without reading it back
 * through a stream; everything else sees an ordinary Response.
 */
export function fixedResponse(body: string | Uint8Array, init?: ResponseInit): Response {
  // Bun takes every Uint8Array as a body; the type asks for one over an ArrayBuffer.
  const response = new Response(body as string | Uint8Array<ArrayBuffer>, init);
  fixedBodies.set(response, body);
  return response;
}

/** The body of a {@link fixedResponse}, or undefined. */
export function fixedBodyOf(response: Response): string | Uint8Array | undefined {
  return fixedBodies.get(response);
}
