/** A patch that is none, or that does not fit its target. */
export class PatchError extends Error {
  override readonly name = "PatchError";

  constructor(
    message: string,
    readonly kind: "malformed" | "unprocessable" = "unprocessable",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
