import type { V1ContainerPort, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { HostPort } from "../../network/host-port.ts";
import { isSidecar } from "../pods/restart-policy.ts";

const protocols: ReadonlyMap<string, HostPort["protocol"]> = new Map([
  ["TCP", "tcp"],
  ["UDP", "udp"],
  ["SCTP", "sctp"],
]);
const anyAddress: ReadonlySet<string> = new Set(["", "0.0.0.0", "::"]);

/**
 * The ports of the host that lead to the Pod's containers and sidecars. With `hostNetwork` they are all that it
 * declares: the API gives each port the host port of its number.
 */
export function podHostPorts({ spec }: V1Pod): HostPort[] {
  const running = [...(spec?.initContainers ?? []).filter(isSidecar), ...(spec?.containers ?? [])];
  return running.flatMap(({ ports = [] }) => ports.flatMap(hostPortOf));
}

function hostPortOf({ protocol = "TCP", hostPort, containerPort, hostIP = "" }: V1ContainerPort): HostPort[] {
  const known = protocols.get(protocol);
  if (!known || !hostPort || (hostIP.includes(":") && !anyAddress.has(hostIP))) return [];
  const address = anyAddress.has(hostIP) ? {} : { hostAddress: hostIP };
  return [{ protocol: known, hostPort, containerPort, ...address }];
}
