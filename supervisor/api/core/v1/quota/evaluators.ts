/** How the objects of each resource are measured (kubernetes `pkg/quota/v1/evaluator/core`). */
import type { ResourceList } from "../../../../apimachinery/resource-list.ts";
import type { ResourceV1ResourceClaim, V1Service } from "../../../generated/types.ts";
import { claimEvaluator } from "./claim-evaluator.ts";
import { podEvaluator } from "./pod-evaluator.ts";
import type { QuotaEvaluator } from "./quota-evaluator.ts";

/** Kinds that were counted by their plain names before all were by `count/`. */
const plainlyCounted: ReadonlySet<string> = new Set([
  "configmaps",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
]);

const evaluators = new Map<string, QuotaEvaluator>([
  ["pods", podEvaluator],
  ["persistentvolumeclaims", claimEvaluator],
  ["services", serviceEvaluator()],
  ["resourceclaims.resource.k8s.io", deviceClaimEvaluator()],
]);

/** The one that measures a resource; any that has none of its own is counted. */
export function evaluatorFor(group: string, resource: string): QuotaEvaluator {
  const name = group === "" ? resource : `${resource}.${group}`;
  let evaluator = evaluators.get(name);
  if (evaluator === undefined) {
    evaluator = countEvaluator(name);
    evaluators.set(name, evaluator);
  }
  return evaluator;
}

function countEvaluator(name: string): QuotaEvaluator {
  const usage: Record<string, string> = { [`count/${name}`]: "1" };
  if (plainlyCounted.has(name)) usage[name] = "1";
  return {
    countsOnly: true,
    handles: (operation, subresource) => operation === "CREATE" && subresource === "",
    measures: (limited) => Object.hasOwn(usage, limited),
    usage: () => usage,
  };
}

function serviceEvaluator(): QuotaEvaluator {
  const names = ["count/services", "services", "services.loadbalancers", "services.nodeports"];
  return {
    handles: (_operation, subresource) => subresource === "",
    measures: (name) => names.includes(name),
    usage: (service: V1Service) => ({
      "count/services": "1",
      services: "1",
      "services.loadbalancers": service.spec?.type === "LoadBalancer" ? "1" : "0",
      "services.nodeports": String(nodePorts(service)),
    }),
  };
}

/** They are not allocated yet when they are charged: what counts is what is wanted. */
function nodePorts({ spec }: V1Service): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === "NodePort") return ports.length;
  if (spec?.type !== "LoadBalancer") return 0;
  if (spec.allocateLoadBalancerNodePorts !== false) return ports.length;
  return ports.filter(({ nodePort = 0 }) => nodePort !== 0).length;
}

/** The most devices that one request may get, which `All` is charged for. */
const maxDevices = 32;

function deviceClaimEvaluator(): QuotaEvaluator {
  const suffix = ".deviceclass.resource.k8s.io/devices";
  const count = "count/resourceclaims.resource.k8s.io";
  return {
    handles: (operation, subresource) => operation === "CREATE" && subresource === "",
    measures: (name) => name === count || name.endsWith(suffix),
    usage(claim: ResourceV1ResourceClaim): ResourceList {
      const devices = new Map<string, number>();
      const charge = (name: string, amount: number) => devices.set(name, (devices.get(name) ?? 0) + amount);
      for (const { exactly, firstAvailable = [] } of claim.spec?.devices?.requests ?? []) {
        if (exactly) charge(exactly.deviceClassName, deviceCount(exactly));
        const most = new Map<string, number>();
        for (const one of firstAvailable) {
          const name = one.deviceClassName;
          most.set(name, Math.max(most.get(name) ?? 0, deviceCount(one)));
        }
        for (const [name, amount] of most) charge(name, amount);
      }
      const entries = Array.from(devices, ([name, amount]) => [name + suffix, String(amount)] as const);
      return { [count]: "1", ...Object.fromEntries(entries) };
    },
  };
}

function deviceCount({
  allocationMode,
  count,
}: {
  readonly allocationMode?: string;
  readonly count?: number;
}): number {
  return allocationMode === "All" ? maxDevices : (count ?? 1);
}
