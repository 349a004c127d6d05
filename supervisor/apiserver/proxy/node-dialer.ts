import type { Duplex } from "node:stream";

/** Reaches the kubelet API of a node. */
export interface NodeDialer {
  /**
   * A fresh connection that speaks HTTP/1.1 to the node's kubelet server; already authenticated.
   * Throws {@link DialError} when the node cannot be reached, and the signal's reason when that aborts.
   */
  dial(nodeName: string, signal: AbortSignal): Promise<Duplex>;
}

/** A node cannot be reached. */
export class DialError extends Error {
  override readonly name = "DialError";
  constructor(
    readonly nodeName: string,
    message: string,
  ) {
    super(message);
  }
}
