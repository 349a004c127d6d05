/**
 * What clients mean by the fields of a Service that belong together, and what of an older state stays where they leave
 * it out (kubernetes `pkg/registry/core/service`, storage and strategy).
 */
import {
  mayHaveNodePorts,
  needsClusterIp,
  needsExternalTrafficPolicy,
  needsHealthCheckNodePort,
} from "../../../api/core/v1/service/service-needs.ts";
import type { V1ServiceSpec } from "../../../api/generated/types.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";

type Spec = Mutable<V1ServiceSpec>;

function same(spec: Spec, old: Spec, ...fields: ReadonlyArray<keyof Spec>): boolean {
  return fields.every((field) => equalJson(spec[field], old[field]));
}

/** Brings `clusterIP` and `clusterIPs` together: older clients know the first alone. */
export function normalizeClusterIps(spec: Spec, old: Spec | undefined): void {
  const { clusterIP = "", clusterIPs = [] } = spec;
  if (old === undefined) {
    if (clusterIP !== "" && clusterIPs.length === 0) spec.clusterIPs = [clusterIP];
    return;
  }
  const before = old.clusterIP ?? "";
  if (before === clusterIP) {
    if (clusterIPs.length === 0 && old.clusterIPs?.length) spec.clusterIPs = [...old.clusterIPs];
    return;
  }
  if (!equalJson(clusterIPs, old.clusterIPs ?? [])) return;
  if (clusterIP === "") delete spec.clusterIPs;
  else spec.clusterIPs = [clusterIP];
}

/** Gives back what was allocated before, where the client does not say it again. */
export function keepAllocatedValues(spec: Spec, old: Spec): void {
  if (needsClusterIp(spec) && needsClusterIp(old)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (!spec.clusterIPs?.length && old.clusterIPs?.length) spec.clusterIPs = [...old.clusterIPs];
  }
  if (mayHaveNodePorts(spec) && mayHaveNodePorts(old)) keepNodePorts(spec, old);
  if (needsHealthCheckNodePort(spec) && needsHealthCheckNodePort(old) && old.healthCheckNodePort) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort;
  }
}

function keepNodePorts(spec: Spec, old: Spec): void {
  const numbers = ({ ports = [] }: Spec) => ports.flatMap(({ nodePort }) => nodePort || []);
  const given = new Set(numbers(spec));
  const used = new Set(numbers(old).filter((port) => given.has(port)));
  const byName = new Map((old.ports ?? []).map(({ name = "", nodePort = 0 }) => [name, nodePort]));
  for (const port of spec.ports ?? []) {
    const before = byName.get(port.name ?? "") ?? 0;
    if (!port.nodePort && before !== 0 && !used.has(before)) port.nodePort = before;
  }
}

/** Takes away what a Service's new type has no use for, unless the client has changed it with the type. */
export function dropUselessFields(spec: Spec, old: Spec): void {
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    if (same(spec, old, "clusterIP", "clusterIPs")) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (same(spec, old, "ipFamilies")) delete spec.ipFamilies;
    if (same(spec, old, "ipFamilyPolicy")) delete spec.ipFamilyPolicy;
  }
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(spec) && sameNodePorts(spec, old)) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheckNodePort(old) && !needsHealthCheckNodePort(spec)) {
    if (same(spec, old, "healthCheckNodePort")) delete spec.healthCheckNodePort;
  }
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    if (same(spec, old, "allocateLoadBalancerNodePorts")) delete spec.allocateLoadBalancerNodePorts;
    if (same(spec, old, "loadBalancerClass")) delete spec.loadBalancerClass;
  }
  if (needsExternalTrafficPolicy(old) && !needsExternalTrafficPolicy(spec)) {
    if (same(spec, old, "externalTrafficPolicy")) delete spec.externalTrafficPolicy;
  }
}

/** Whether every node port that the new state names was there before. */
function sameNodePorts(spec: Spec, old: Spec): boolean {
  const before = new Set((old.ports ?? []).map(({ nodePort = 0 }) => nodePort));
  return (spec.ports ?? []).every(({ nodePort }) => !nodePort || before.has(nodePort));
}
