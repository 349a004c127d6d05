/** A body is longer than its reader allows. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
  constructor(readonly limitBytes: number) {
    super(`The body is longer than ${limitBytes} bytes`);
  }
}

/**
 * Reads the whole body of a request or response. Throws {@link BodyTooLargeError} as soon as it is known to be longer
 * than `limitBytes`; the rest is then not read.
 */
export async function readBody(message: Request | Response, limitBytes: number): Promise<Uint8Array> {
  const declared = Number(message.headers.get("content-length") ?? "0");
  if (declared > limitBytes) {
    await message.body?.cancel();
    throw new BodyTooLargeError(limitBytes);
  }
  if (message.headers.has("content-length")) return message.bytes();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of message.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw new BodyTooLargeError(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
