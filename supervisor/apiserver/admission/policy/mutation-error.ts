/** A mutation cannot be made. The message goes to the client. */
export class MutationError extends Error {
  override readonly name = "MutationError";
}
