import type { V1NetworkPolicy } from "../../api/generated/types.ts";
import { defineResource } from "../define-resource.ts";
import { formatLabelSelector } from "../format-selector.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import { countedGeneration } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

/** NetworkPolicies (kubernetes `pkg/registry/networking/networkpolicy`). */
export const networkPolicyDefinition: ResourceDefinition = defineResource({
  group: "networking.k8s.io",
  resource: "networkpolicies",
  kind: "NetworkPolicy",
  namespaced: true,
  shortNames: ["netpol"],
  strategy: { ...countedGeneration() },
  table: tableOf(
    [column("Pod-Selector", "The pods to which the policy applies."), ageColumn],
    ({ spec }: V1NetworkPolicy, age) => [formatLabelSelector(spec?.podSelector), age],
  ),
});
