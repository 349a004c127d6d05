/** The other side broke the rules of SPDY/3.1, or its limits here. */
export class SpdyError extends Error {
  override readonly name = "SpdyError";
}
