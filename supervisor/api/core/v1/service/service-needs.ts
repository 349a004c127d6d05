/** What Services need by their type (kubernetes `pkg/registry/core/service`). */
import type { V1ServiceSpec } from "../../../generated/types.ts";
import { isExternallyAccessible } from "./service-defaults.ts";

type Spec = V1ServiceSpec;

export function needsClusterIp({ type }: Spec): boolean {
  return type !== "ExternalName";
}

/** Whether each of its ports gets a node port. */
export function needsNodePort({ type, allocateLoadBalancerNodePorts }: Spec): boolean {
  return type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false);
}

/** Whether its ports may have node ports, also where they get none by themselves. */
export function mayHaveNodePorts({ type }: Spec): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

export function needsHealthCheckNodePort({ type, externalTrafficPolicy }: Spec): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

export function needsExternalTrafficPolicy(spec: Spec): boolean {
  return isExternallyAccessible(spec);
}

export function isHeadless({ clusterIPs = [] }: Spec): boolean {
  return clusterIPs.length === 1 && clusterIPs[0] === "None";
}

/** All node ports of a Service, that of its health check included. */
export function nodePortsOf(spec: Spec): readonly number[] {
  const ports = (spec.ports ?? []).map(({ nodePort = 0 }) => nodePort);
  return [...ports, spec.healthCheckNodePort ?? 0].filter((port) => port !== 0);
}
