/** Why a host cannot join, for good: trying again would not help. The message says what to do. */
export class JoinError extends Error {
  override readonly name = "JoinError";
}
