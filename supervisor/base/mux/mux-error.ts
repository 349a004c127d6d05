export class MuxError extends Error {
  override readonly name = "MuxError";
  constructor(
    /**
     * `protocol`: the other side broke the rules; `dead`: it does not answer; `closed`: the connection has closed;
     * `reset`: the other side gave this one stream up; `overflow`: it does not read what it asks for.
     */
    readonly kind: "protocol" | "dead" | "closed" | "reset" | "overflow",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
