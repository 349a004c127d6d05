import type { V1NetworkPolicy } from "../../api/generated/types.ts";
import {
  networkPolicyWarnings,
  setNetworkPolicyDefaults,
  validateNetworkPolicy,
} from "../../api/networking/v1/network-policy.ts";
import { defineResource } from "../define-resource.ts";
import { formatLabelSelector } from "../format-selector.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { countedGeneration } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type NetworkPolicy = Typed<V1NetworkPolicy>;

/** NetworkPolicies (kubernetes `pkg/registry/networking/networkpolicy`). */
export const networkPolicyDefinition: ResourceDefinition = defineResource({
  group: "networking.k8s.io",
  resource: "networkpolicies",
  kind: "NetworkPolicy",
  namespaced: true,
  shortNames: ["netpol"],
  strategy: {
    ...countedGeneration(),
    setDefaults: (policy: NetworkPolicy) => setNetworkPolicyDefaults(policy),
    validate: (policy: NetworkPolicy) => validateNetworkPolicy(policy),
    validateUpdate: (policy: NetworkPolicy) => validateNetworkPolicy(policy),
    warnings: (policy: NetworkPolicy) => networkPolicyWarnings(policy),
  },
  table: tableOf(
    [column("Pod-Selector", "The pods to which the policy applies."), ageColumn],
    ({ spec }: V1NetworkPolicy, age) => [formatLabelSelector(spec?.podSelector), age],
  ),
});
