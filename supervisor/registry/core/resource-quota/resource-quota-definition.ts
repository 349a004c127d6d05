import {
  resourceQuotaWarnings,
  validateResourceQuota,
  validateResourceQuotaStatus,
  validateResourceQuotaUpdate,
} from "../../../api/core/v1/quota/resource-quota-validation.ts";
import type { V1ResourceQuota } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { ResourceDefinition, Typed } from "../../resource-definition.ts";
import { ownStatus, statusPart } from "../../status-strategy.ts";
import { ageColumn, column, tableOf } from "../../table.ts";

type ResourceQuota = Typed<V1ResourceQuota>;

/** ResourceQuotas (kubernetes `pkg/registry/core/resourcequota`). */
export const resourceQuotaDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "resourcequotas",
  kind: "ResourceQuota",
  namespaced: true,
  shortNames: ["quota"],
  strategy: {
    returnsDeletedObject: true,
    ...ownStatus(),
    validate: (quota: ResourceQuota) => validateResourceQuota(quota),
    validateUpdate: (quota: ResourceQuota, old: ResourceQuota) => validateResourceQuotaUpdate(quota, old),
    warnings: (quota: ResourceQuota, old?: ResourceQuota) => (old ? [] : resourceQuotaWarnings(quota)),
  },
  subresources: {
    status: statusPart({ validateUpdate: (quota: ResourceQuota) => validateResourceQuotaStatus(quota) }),
  },
  table: tableOf(
    [
      column("Request", "Request represents a minimum amount of cpu/memory that a container may consume."),
      column(
        "Limit",
        "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.",
      ),
      ageColumn,
    ],
    ({ status }: V1ResourceQuota, age) => {
      const names = Object.keys(status?.hard ?? {}).sort();
      const uses = (isLimit: boolean) =>
        names
          .filter((name) => name.startsWith("limits.") === isLimit)
          .map((name) => `${name}: ${status?.used?.[name] ?? "0"}/${status?.hard?.[name] ?? "0"}`)
          .join(", ");
      return [uses(false), uses(true), age];
    },
  ),
});
