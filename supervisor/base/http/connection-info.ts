/** The subject of a client certificate that the TLS layer has verified against the cluster's CA. */
export interface PeerSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** The SHA-256 of the certificate, in hex; absent for callers of this process. */
  readonly fingerprint?: string;
  /** When the certificate expires, in milliseconds since 1970; absent for callers of this process. */
  readonly expiresMs?: number;
}

/** What a handler may know of the connection that a request came by. */
export interface ConnectionInfo {
  /** Absent where no client certificate was sent, or where it did not verify. */
  readonly peer?: PeerSubject;
  /** An IP address; `unix` for a unix socket, the dialler's name for a tunnel's stream. */
  readonly remoteAddress: string;
  /** Aborts when the client leaves, or the connection breaks, before the request's answer is through. */
  readonly signal: AbortSignal;
}
