/** What a change of a Service may not do (kubernetes `pkg/apis/core/validation`). */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkFormat, checkOneOf } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain } from "../../../../apimachinery/validation/formats.ts";
import { checkLegacyIp, parseIp } from "../../../../apimachinery/validation/ip-formats.ts";
import type { V1Service } from "../../../generated/types.ts";
import { validateClusterIpsUpdate } from "./service-cluster-ip-validation.ts";
import { needsHealthCheckNodePort } from "./service-needs.ts";

type Service = Pick<V1Service, "spec" | "status">;

export function validateServiceUpdate({ spec = {} }: Service, { spec: old = {} }: Service): FieldError[] {
  const errors = validateClusterIpsUpdate(spec, old);
  const areBalanced = spec.type === "LoadBalancer" && old.type === "LoadBalancer";
  if (areBalanced && spec.loadBalancerClass !== old.loadBalancerClass) {
    const detail = "may not change once set";
    errors.push(invalidField("spec.loadBalancerClass", spec.loadBalancerClass, detail));
  }
  const keepsPort = needsHealthCheckNodePort(spec) && needsHealthCheckNodePort(old);
  if (keepsPort && spec.healthCheckNodePort !== old.healthCheckNodePort) {
    errors.push(forbiddenField("spec.healthCheckNodePort", "field is immutable"));
  }
  return errors;
}

/** Where a load balancer says that it is reached. */
export function validateServiceStatus({ spec, status }: Service): FieldError[] {
  const errors: FieldError[] = [];
  const path = "status.loadBalancer.ingress";
  const ingresses = status?.loadBalancer?.ingress ?? [];
  if (spec?.type !== "LoadBalancer" && ingresses.length > 0) {
    errors.push(forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'"));
    return errors;
  }
  ingresses.forEach(({ ip, hostname, ipMode }, index) => {
    const place = `${path}[${index}]`;
    if (ip) checkFormat(errors, `${place}.ip`, ip, checkLegacyIp);
    if (ip && ipMode === undefined) {
      errors.push(requiredField(`${place}.ipMode`, "must be specified when `ip` is set"));
    } else if (ipMode !== undefined && !ip) {
      errors.push(forbiddenField(`${place}.ipMode`, "may not be specified when `ip` is not set"));
    } else if (ipMode !== undefined) checkOneOf(errors, `${place}.ipMode`, ipMode, ["Proxy", "VIP"]);
    if (!hostname) return;
    checkFormat(errors, `${place}.hostname`, hostname, checkDnsSubdomain);
    if (parseIp(hostname) !== undefined) {
      errors.push(invalidField(`${place}.hostname`, hostname, "must be a DNS name, not an IP address"));
    }
  });
  return errors;
}
