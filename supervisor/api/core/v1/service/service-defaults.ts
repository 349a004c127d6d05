import type { Mutable } from "../../../../apimachinery/mutable.ts";
import type { V1Service, V1ServiceSpec } from "../../../generated/types.ts";

type ServiceSpec = Mutable<V1ServiceSpec>;

/** The types that have an address in the cluster. */
export const clusterTypes: ReadonlySet<string> = new Set(["ClusterIP", "NodePort", "LoadBalancer"]);
const affinityTimeoutSeconds = 10_800;

/** Whether a Service is reached from outside the cluster (kubernetes `pkg/api/service`, `ExternallyAccessible`). */
export function isExternallyAccessible({ type, externalIPs = [] }: V1ServiceSpec): boolean {
  return type === "LoadBalancer" || type === "NodePort" || (type === "ClusterIP" && externalIPs.length > 0);
}

/** What a client leaves out of a Service (kubernetes `pkg/apis/core/v1/defaults.go`, `SetDefaults_Service`). */
export function setServiceDefaults(service: {
  spec?: ServiceSpec;
  status?: Mutable<V1Service>["status"];
}): void {
  service.spec ??= {};
  const { spec } = service;
  setAffinity(spec);
  spec.type ||= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    port.targetPort ||= port.port;
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= "Cluster";
  if (clusterTypes.has(spec.type)) spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type !== "LoadBalancer") return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) {
    if (ingress.ip) ingress.ipMode ??= "VIP";
  }
}

function setAffinity(spec: ServiceSpec): void {
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity !== "ClientIP" || spec.sessionAffinityConfig?.clientIP?.timeoutSeconds) return;
  if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinityTimeoutSeconds } };
  }
}
