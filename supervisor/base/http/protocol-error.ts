/** A message that breaks HTTP/1.1's rules or this server's limits; `status` is what a client is answered. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  constructor(
    readonly status: 400 | 408 | 413 | 417 | 431 | 501 | 505,
    message: string,
  ) {
    super(message);
  }
}
