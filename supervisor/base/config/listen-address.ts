import { networkInterfaces } from "node:os";

export interface ListenAddress {
  /** An IP address or a host name, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads `HOST:PORT`, `[IPV6]:PORT` or `:PORT`. Throws an error that says what was expected. */
export function parseListenAddress(text: string): ListenAddress {
  const [, ipv6, host, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65535) throw new Error("expected HOST:PORT, such as 0.0.0.0:6443");
  return { host: ipv6 ?? (host || "0.0.0.0"), port: Number(port) };
}

/** The address that others reach a listener by: its own, or the machine's first one where it listens on all. */
export function advertisedAddress(listenHost: string): string {
  if (listenHost !== "0.0.0.0" && listenHost !== "::") return listenHost;
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outward = all.filter((address) => !address.internal);
  return (outward.find((address) => address.family === "IPv4") ?? outward[0])?.address ?? "127.0.0.1";
}

/** `HOST:PORT` for a URL: an IPv6 address stands in brackets. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
