import { hostname } from "node:os";
import type { SupervisorOptions } from "../base/config/supervisor-settings.ts";
import { formatAddress, requireNetwork } from "../base/ipv4-network.ts";
import { clientAddress } from "./server-addresses.ts";

/** The names and addresses that the API server's certificate is for, as kubeadm and k3s have them. */
export function serverNames(options: SupervisorOptions): readonly string[] {
  const { listen, serviceCidr, tlsNames } = options;
  const listens = listen.host === "0.0.0.0" || listen.host === "::" ? [] : [listen.host];
  return [
    "localhost",
    "127.0.0.1",
    "::1",
    ...listens,
    clientAddress(options),
    hostname(),
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    formatAddress(requireNetwork(serviceCidr).first + 1),
    ...tlsNames,
  ];
}
