/** What clients are told of Services that are taken (kubernetes `pkg/api/service/warnings.go`). */
import { cidrWarnings, ipWarnings } from "../../../../apimachinery/validation/ip-formats.ts";
import type { V1LoadBalancerStatus, V1ServiceSpec } from "../../../generated/types.ts";

/** How an annotation asked for routes by zones, and how it does now. */
export const topologyHints = "service.kubernetes.io/topology-aware-hints";
export const topologyMode = "service.kubernetes.io/topology-mode";

export function serviceWarnings(
  spec: V1ServiceSpec,
  annotations: Readonly<Record<string, string>> = {},
): string[] {
  const { type, clusterIP, clusterIPs = [], externalIPs = [], loadBalancerIP = "" } = spec;
  const warnings: string[] = [];
  if (annotations[topologyHints] !== undefined) {
    warnings.push(`annotation ${topologyHints} is deprecated, please use ${topologyMode} instead`);
  }
  const hasIp = clusterIP !== undefined && clusterIP !== "" && clusterIP !== "None";
  if (hasIp && type !== "ExternalName") warnings.push(...listWarnings(clusterIPs, "spec.clusterIPs"));
  if (type === "ClusterIP" && clusterIP === "None") warnings.push(...headlessWarnings(spec));
  if (externalIPs.length > 0) warnings.push("spec.externalIPs is deprecated");
  warnings.push(...listWarnings(externalIPs, "spec.externalIPs"));
  if (loadBalancerIP !== "") warnings.push(...ipWarnings(loadBalancerIP, "spec.loadBalancerIP"));
  spec.loadBalancerSourceRanges?.forEach((range, index) => {
    warnings.push(...cidrWarnings(range, `spec.loadBalancerSourceRanges[${index}]`));
  });
  if (type === "ExternalName" && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (type !== "ExternalName" && spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === "PreferClose") {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}

function headlessWarnings({ loadBalancerIP, externalIPs, sessionAffinity }: V1ServiceSpec): string[] {
  const ignored = [
    ...(loadBalancerIP ? ["loadBalancerIP"] : []),
    ...(externalIPs?.length ? ["externalIPs"] : []),
    ...(sessionAffinity === "None" ? [] : ["SessionAffinity"]),
  ];
  return ignored.map((field) => `spec.${field} is ignored for headless services`);
}

function listWarnings(ips: readonly string[], path: string): string[] {
  return ips.flatMap((ip, index) => ipWarnings(ip, `${path}[${index}]`));
}

export function loadBalancerWarnings(status: V1LoadBalancerStatus | undefined): string[] {
  return (status?.ingress ?? []).flatMap(({ ip }, index) =>
    ip ? ipWarnings(ip, `status.loadBalancer.ingress[${index}]`) : [],
  );
}
