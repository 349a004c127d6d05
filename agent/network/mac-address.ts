import { addressBytes } from "../../supervisor/base/ipv4-network.ts";

/** A hardware address that only this IPv4 address has, with the prefix that Kubernetes' networks use. */
export function macAddress(address: number): string {
  const bytes = addressBytes(address).map((byte) => byte.toString(16).padStart(2, "0"));
  return ["0a", "58", ...bytes].join(":");
}
