/** Validation of Services, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import {
  checkFormat,
  checkOneOf,
  checkRequiredFormat,
  checkRequiredOneOf,
} from "../../../../apimachinery/validation/field-checks.ts";
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkPortName,
  checkPortNumber,
  checkQualifiedName,
} from "../../../../apimachinery/validation/formats.ts";
import {
  checkLegacyCidr,
  checkLegacyIp,
  checkNonSpecialIp,
} from "../../../../apimachinery/validation/ip-formats.ts";
import { validateLabels } from "../../../../apimachinery/validation/object-meta.ts";
import type { V1Service, V1ServicePort, V1ServiceSpec } from "../../../generated/types.ts";
import { validateClusterIps } from "./service-cluster-ip-validation.ts";
import { clusterTypes, isExternallyAccessible } from "./service-defaults.ts";
import { isHeadless, needsHealthCheckNodePort } from "./service-needs.ts";
import { topologyHints, topologyMode } from "./service-warnings.ts";

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const protocols = ["SCTP", "TCP", "UDP"];
const policies = ["Cluster", "Local"];
const distributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];
const maxAffinitySeconds = 86_400;
const sourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'";

type Service = Pick<V1Service, "spec"> & {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
};

export function validateService({ spec = {}, metadata }: Service): FieldError[] {
  const errors: FieldError[] = [];
  validateTopologyAnnotations(metadata.annotations ?? {}, errors);
  validateType(spec, errors);
  validatePorts(spec, errors);
  validateLabels(spec.selector, "spec.selector", errors);
  validateAffinity(spec, errors);
  errors.push(...validateClusterIps(spec));
  (spec.externalIPs ?? []).forEach((ip, index) => {
    const path = `spec.externalIPs[${index}]`;
    const complaints = checkFormat(errors, path, ip, checkLegacyIp);
    if (complaints.length === 0) checkFormat(errors, path, ip, checkNonSpecialIp);
  });
  checkRequiredOneOf(errors, "spec.type", spec.type, types);
  validateNodePorts(spec, errors);
  validateSourceRanges(spec, metadata.annotations?.[sourceRangesAnnotation], errors);
  validateLoadBalancer(spec, errors);
  validateTrafficPolicies(spec, errors);
  return errors;
}

function validateTopologyAnnotations(
  annotations: Readonly<Record<string, string>>,
  errors: FieldError[],
): void {
  const { [topologyHints]: hints, [topologyMode]: mode } = annotations;
  if (mode === undefined || hints === undefined || mode === hints) return;
  const detail = `must match annotations[${topologyHints}] when both are specified`;
  errors.push(invalidField(`metadata.annotations[${topologyMode}]`, mode, detail));
}

function validateType(spec: V1ServiceSpec, errors: FieldError[]): void {
  const { type } = spec;
  if (!spec.ports?.length && !isHeadless(spec) && type !== "ExternalName") {
    errors.push(requiredField("spec.ports"));
  }
  if ((type === "LoadBalancer" || type === "NodePort") && isHeadless(spec)) {
    const detail = `may not be set to 'None' for ${type} services`;
    errors.push(invalidField("spec.clusterIPs[0]", "None", detail));
  }
  if (type !== "ExternalName") return;
  const detail = "may not be set for ExternalName services";
  if (spec.clusterIPs?.length) errors.push(forbiddenField("spec.clusterIPs", detail));
  if (spec.ipFamilies?.length) errors.push(forbiddenField("spec.ipFamilies", detail));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenField("spec.ipFamilyPolicy", detail));
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  checkRequiredFormat(errors, "spec.externalName", name, checkDnsSubdomain);
}

function validatePorts({ ports = [] }: V1ServiceSpec, errors: FieldError[]): void {
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const path = `spec.ports[${index}]`;
    validatePort(port, path, ports.length > 1, errors);
    if (port.name && names.has(port.name)) errors.push(duplicateField(`${path}.name`, port.name));
    names.add(port.name ?? "");
  });
}

function validatePort(port: V1ServicePort, path: string, requireName: boolean, errors: FieldError[]): void {
  const { name, targetPort = 0, appProtocol } = port;
  if (name) checkFormat(errors, `${path}.name`, name, checkDnsLabel);
  else if (requireName) errors.push(requiredField(`${path}.name`));
  for (const message of checkPortNumber(port.port)) {
    errors.push(invalidField(`${path}.port`, port.port, message));
  }
  checkRequiredOneOf(errors, `${path}.protocol`, port.protocol, protocols);
  const complaints = typeof targetPort === "number" ? checkPortNumber(targetPort) : checkPortName(targetPort);
  for (const message of complaints) errors.push(invalidField(`${path}.targetPort`, targetPort, message));
  if (appProtocol !== undefined) {
    checkFormat(errors, `${path}.appProtocol`, appProtocol, checkQualifiedName);
  }
}

function validateAffinity(spec: V1ServiceSpec, errors: FieldError[]): void {
  const { sessionAffinity, sessionAffinityConfig: config } = spec;
  checkRequiredOneOf(errors, "spec.sessionAffinity", sessionAffinity, ["ClientIP", "None"]);
  const path = "spec.sessionAffinityConfig";
  if (sessionAffinity === "None" && config !== undefined) {
    errors.push(forbiddenField(path, "must not be set when session affinity is None"));
  }
  if (sessionAffinity !== "ClientIP") return;
  const ipPath = `${path}.clientIP`;
  if (config === undefined) {
    errors.push(requiredField(path, "when session affinity type is ClientIP"));
  } else if (config.clientIP === undefined) {
    errors.push(requiredField(ipPath, "when session affinity type is ClientIP"));
  } else if (config.clientIP.timeoutSeconds === undefined) {
    errors.push(requiredField(`${ipPath}.timeoutSeconds`, "when session affinity type is ClientIP"));
  } else {
    const seconds = config.clientIP.timeoutSeconds;
    if (seconds > 0 && seconds <= maxAffinitySeconds) return;
    const detail = `must be greater than 0 and less than ${maxAffinitySeconds}`;
    errors.push(invalidField(`${ipPath}.timeoutSeconds`, seconds, detail));
  }
}

function validateNodePorts({ type, ports = [] }: V1ServiceSpec, errors: FieldError[]): void {
  const nodePorts = new Set<string>();
  const numbers = new Set<string>();
  ports.forEach(({ nodePort, protocol }, index) => {
    const path = `spec.ports[${index}]`;
    if (type === "ClusterIP" && nodePort) {
      errors.push(forbiddenField(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
    const key = `${protocol} ${nodePort}`;
    if (nodePort && nodePorts.has(key)) errors.push(duplicateField(`${path}.nodePort`, nodePort));
    nodePorts.add(key);
  });
  ports.forEach(({ protocol, port }, index) => {
    const key = `${protocol} ${port}`;
    if (numbers.has(key)) errors.push(duplicateField(`spec.ports[${index}]`, portKey(protocol, port)));
    numbers.add(key);
  });
}

/** A port's identity, as the Go type is shown. */
function portKey(protocol: string | undefined, port: number) {
  return { Name: "", Protocol: protocol ?? "", AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}

function validateSourceRanges(
  { loadBalancerSourceRanges: ranges = [], type }: V1ServiceSpec,
  annotation: string | undefined,
  errors: FieldError[],
): void {
  if (ranges.length > 0) {
    const path = "spec.LoadBalancerSourceRanges";
    if (type !== "LoadBalancer") errors.push(forbiddenField(path, onlyLoadBalancer));
    ranges.forEach((range, index) => {
      checkFormat(errors, `${path}[${index}]`, range.trim(), checkLegacyCidr);
    });
  } else if (annotation !== undefined) {
    const path = `metadata.annotations[${sourceRangesAnnotation}]`;
    if (type !== "LoadBalancer") errors.push(forbiddenField(path, onlyLoadBalancer));
    if (annotation.trim() === "") return;
    for (const range of annotation.split(",")) checkFormat(errors, path, range.trim(), checkLegacyCidr);
  }
}

function validateLoadBalancer(spec: V1ServiceSpec, errors: FieldError[]): void {
  const { type, allocateLoadBalancerNodePorts: allocates, loadBalancerClass } = spec;
  if (type !== "LoadBalancer" && allocates !== undefined) {
    errors.push(forbiddenField("spec.allocateLoadBalancerNodePorts", onlyLoadBalancer));
  }
  if (type === "LoadBalancer" && allocates === undefined) {
    errors.push(requiredField("allocateLoadBalancerNodePorts"));
  }
  if (loadBalancerClass === undefined) return;
  const path = "spec.loadBalancerClass";
  if (type === "LoadBalancer") checkFormat(errors, path, loadBalancerClass, checkQualifiedName);
  else errors.push(forbiddenField(path, onlyLoadBalancer));
}

function validateTrafficPolicies(spec: V1ServiceSpec, errors: FieldError[]): void {
  const { externalTrafficPolicy = "", healthCheckNodePort = 0, internalTrafficPolicy } = spec;
  if (isExternallyAccessible(spec)) {
    checkRequiredOneOf(errors, "spec.externalTrafficPolicy", externalTrafficPolicy, policies);
  } else if (externalTrafficPolicy !== "") {
    const detail = "may only be set for externally-accessible services";
    errors.push(invalidField("spec.externalTrafficPolicy", externalTrafficPolicy, detail));
  }
  const path = "spec.healthCheckNodePort";
  if (needsHealthCheckNodePort(spec)) {
    if (healthCheckNodePort === 0) errors.push(requiredField(path));
    else {
      for (const message of checkPortNumber(healthCheckNodePort)) {
        errors.push(invalidField(path, healthCheckNodePort, message));
      }
    }
  } else if (healthCheckNodePort !== 0) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidField(path, healthCheckNodePort, detail));
  }
  if (internalTrafficPolicy === undefined) {
    if (clusterTypes.has(spec.type ?? "")) errors.push(requiredField("spec.internalTrafficPolicy"));
  } else checkOneOf(errors, "spec.internalTrafficPolicy", internalTrafficPolicy, policies);
  if (spec.trafficDistribution !== undefined) {
    checkOneOf(errors, "spec.trafficDistribution", spec.trafficDistribution, distributions);
  }
}
