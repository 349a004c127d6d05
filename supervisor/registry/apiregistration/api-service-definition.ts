import type { V1APIService } from "../../api/generated/types.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import { ownStatus, statusPart } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

/** APIServices (kubernetes `kube-aggregator/pkg/registry/apiservice`). */
export const apiServiceDefinition: ResourceDefinition = defineResource({
  group: "apiregistration.k8s.io",
  resource: "apiservices",
  kind: "APIService",
  namespaced: false,
  categories: ["api-extensions"],
  strategy: { allowUnconditionalUpdate: false, ...ownStatus() },
  subresources: { status: statusPart() },
  table: tableOf(
    [
      column("Service", "The reference to the service that hosts this API endpoint."),
      column("Available", "Whether this service is available."),
      ageColumn,
    ],
    ({ spec, status }: V1APIService, age) => [
      spec?.service === undefined ? "Local" : `${spec.service.namespace ?? ""}/${spec.service.name ?? ""}`,
      availability(status),
      age,
    ],
  ),
});

function availability(status: V1APIService["status"]): string {
  const condition = (status?.conditions ?? []).find(({ type }) => type === "Available");
  if (condition === undefined) return "Unknown";
  if (condition.status === "True") return "True";
  return condition.reason ? `${condition.status} (${condition.reason})` : condition.status;
}
