/** The subject of a client certificate that the TLS layer has verified against the cluster's CA. */
export interface PeerSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/** What the HTTP layer knows about the connection that a request came by. */
export interface ConnectionInfo {
  /** Absent where no client certificate was sent, or where it did not verify. */
  readonly peer?: PeerSubject;
  readonly remoteAddress: string;
  /** Aborts when the client has closed the connection. */
  readonly signal: AbortSignal;
}
