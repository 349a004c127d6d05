import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import type { V1PodSpec } from "../../../generated/types.ts";

const qosResources = ["cpu", "memory"];

/** The class of a Pod's claim on its node (kubernetes `pkg/apis/core/helper/qos`). */
export function podQosClass(spec: V1PodSpec): "Guaranteed" | "Burstable" | "BestEffort" {
  const claims = spec.resources
    ? [spec.resources]
    : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? {});
  const named = claims.some(({ requests = {}, limits = {} }) =>
    qosResources.some((name) => isPositive(requests[name]) || isPositive(limits[name])),
  );
  if (!named) return "BestEffort";
  const guaranteed = claims.every(({ requests = {}, limits = {} }) =>
    qosResources.every(
      (name) => isPositive(limits[name]) && (requests[name] ?? limits[name]) === limits[name],
    ),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}

function isPositive(quantity: string | undefined): boolean {
  return quantity !== undefined && parseQuantity(quantity) > 0n;
}
