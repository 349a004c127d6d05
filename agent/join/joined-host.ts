import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import type { HostIdentity } from "./identity-store.ts";

/** A host that has joined: its identity as it is now, and a transport that always uses it. */
export class JoinedHost {
  readonly transport: HttpTransport;
  readonly #listeners = new Set<(identity: HostIdentity) => void>();
  #identity: HostIdentity;

  constructor(identity: HostIdentity, userAgent: string) {
    this.#identity = identity;
    const { server, caPem } = identity;
    this.transport = new HttpTransport({ server, caPem, credentials: identity, userAgent });
  }

  get identity(): HostIdentity {
    return this.#identity;
  }

  /** Calls back when the certificate was renewed; the result takes the listener back. */
  onRenewal(listener: (identity: HostIdentity) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Uses another certificate from now on. */
  replace(identity: HostIdentity): void {
    this.#identity = identity;
    this.transport.setCredentials(identity);
    for (const listener of this.#listeners) listener(identity);
  }
}
