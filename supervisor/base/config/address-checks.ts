import { isIP } from "node:net";
import { formatAddress, parseCidr } from "../ipv4-network.ts";

/** A check for a setting that is an IP address of either family. */
export function checkIpAddress(text: string): void {
  if (isIP(text) === 0) throw new Error("expected an IP address, such as 192.0.2.10");
}

/** A check for a setting that is an IPv4 network, named by its first address. */
export function checkNetwork(text: string): void {
  const range = text.includes("/") ? parseCidr(text) : undefined;
  if (range === undefined) throw new Error("expected an IPv4 network, such as 10.42.0.0/16");
  const proper = `${formatAddress(range.first)}/${range.prefixLength}`;
  if (text !== proper) throw new Error(`expected the network by its first address, ${proper}`);
}
