/** A port of the host that leads to one of a Pod's. */
export interface HostPort {
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly hostPort: number;
  readonly containerPort: number;
  /** The only address of the host that leads there; absent: each, of the loopback's only the Node's own. */
  readonly hostAddress?: string;
}
