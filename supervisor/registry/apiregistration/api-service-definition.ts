import {
  validateApiService,
  validateApiServiceStatus,
} from "../../api/apiregistration/v1/api-service-validation.ts";
import type { V1APIService, V1APIServiceCondition } from "../../api/generated/types.ts";
import { checkPathSegment } from "../../apimachinery/validation/path-segment.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { ownStatus, statusPart } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type ApiService = Typed<V1APIService>;

/** APIServices (kubernetes `kube-aggregator/pkg/registry/apiservice`). */
export const apiServiceDefinition: ResourceDefinition = defineResource({
  group: "apiregistration.k8s.io",
  resource: "apiservices",
  kind: "APIService",
  namespaced: false,
  categories: ["api-extensions"],
  strategy: {
    checkName: checkPathSegment,
    allowUnconditionalUpdate: false,
    ...ownStatus(),
    prepareForCreate(service: ApiService, { now }) {
      service.status = service.spec?.service === undefined ? { conditions: [localCondition(now)] } : {};
    },
    setDefaults({ spec }: ApiService) {
      if (spec?.service !== undefined) spec.service.port ??= 443;
    },
    validate: (service: ApiService) => validateApiService(service),
    validateUpdate: (service: ApiService) => validateApiService(service),
  },
  subresources: {
    status: statusPart({ validateUpdate: (service: ApiService) => validateApiServiceStatus(service) }),
  },
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

/** What an APIService without a Service says of itself (kube-aggregator `NewLocalAvailableAPIServiceCondition`). */
function localCondition(now: string): V1APIServiceCondition {
  return {
    type: "Available",
    status: "True",
    lastTransitionTime: now,
    reason: "Local",
    message: "Local APIServices are always available",
  };
}

function availability(status: V1APIService["status"]): string {
  const condition = (status?.conditions ?? []).find(({ type }) => type === "Available");
  if (condition === undefined) return "Unknown";
  if (condition.status === "True") return "True";
  return condition.reason ? `${condition.status} (${condition.reason})` : condition.status;
}
