/** Why this host cannot start; the message says what to do. */
export class HostError extends Error {
  override readonly name = "HostError";
}
