/** An expression came to no value. Logical operators may make it unseen, as CEL says. */
export class CelError extends Error {
  override readonly name: string = "CelError";
}

/** An expression costs more than it may; nothing makes this unseen. */
export class CostLimitError extends Error {
  override readonly name = "CostLimitError";

  constructor() {
    super("operation cancelled: actual cost limit exceeded");
  }
}
