import type { SandboxNetwork } from "../runtime/runtime.ts";
import type { HostPort } from "./host-port.ts";

/** A fault of the host's network; the message names the value and says what to do. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  constructor(
    readonly kind: "permission" | "missing-tool" | "overlap" | "exhausted" | "invalid" | "command-failed",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The network of one host's Pods. A sandbox is named by a key of the caller's, which outlives restarts. */
export interface PodNetwork {
  /**
   * What `attach` gives the sandbox, before it is there: the address is its own until `detach`. Throws
   * {@link NetworkError}.
   */
  plan(key: string): SandboxNetwork;
  /**
   * Gives the sandbox an address, a tap and ports of the host; address and tap are the same when asked again. A tap
   * that its machine has already, `spareTap`, becomes the sandbox's, which changes its name. Throws
   * {@link NetworkError}.
   */
  attach(key: string, hostPorts?: readonly HostPort[], spareTap?: string): Promise<SandboxNetwork>;
  /** Takes tap and address back. May be called again, and for a key that was never attached. */
  detach(key: string): Promise<void>;
  /** Makes what the keys need where it is missing (after a reboot), and removes what belongs to no key. */
  reconcile(keys: ReadonlySet<string>): Promise<void>;
}
