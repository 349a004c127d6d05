import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { resourceAmount } from "./pod-resources.ts";

/** The Pod's quality of service, from its requests and limits of CPU and memory (component-helpers `qos`). */
export function qosClass(pod: V1Pod): "Guaranteed" | "Burstable" | "BestEffort" {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  let named = false;
  let guaranteed = true;
  for (const name of ["cpu", "memory"]) {
    for (const { resources } of containers) {
      const limit = positive(name, resources?.limits?.[name]);
      const request = positive(name, resources?.requests?.[name]) ?? limit;
      if (limit !== undefined || request !== undefined) named = true;
      if (limit === undefined || request !== limit) guaranteed = false;
    }
  }
  if (!named) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

function positive(name: string, quantity: string | undefined): number | undefined {
  const amount = quantity === undefined ? 0 : resourceAmount(name, quantity);
  return amount > 0 ? amount : undefined;
}
