import { advertisedAddress, formatHostPort } from "../base/config/listen-address.ts";
import type { SupervisorOptions } from "../base/config/supervisor-settings.ts";

type Addresses = Pick<SupervisorOptions, "listen" | "advertiseAddress">;

/** By which address clients reach the server. */
export function clientAddress({ listen, advertiseAddress }: Addresses): string {
  return advertiseAddress ?? advertisedAddress(listen.host);
}

/** Where clients reach the server, `host:port`. */
export function serverAddress(options: Addresses): string {
  return formatHostPort(clientAddress(options), options.listen.port);
}

/** Where this machine reaches the server that listens on `port`: over loopback where it listens there. */
export function localUrl({ listen }: Addresses, port: number): string {
  const everywhere: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  return `https://${formatHostPort(everywhere[listen.host] ?? listen.host, port)}`;
}
