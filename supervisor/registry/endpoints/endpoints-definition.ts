import type { V1EndpointSubset, V1Endpoints } from "../../api/generated/types.ts";
import { defineResource } from "../define-resource.ts";
import { listSummary } from "../list-summary.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import { ageColumn, column, tableOf } from "../table.ts";

/** Endpoints (kubernetes `pkg/registry/core/endpoint`). */
export const endpointsDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "endpoints",
  kind: "Endpoints",
  namespaced: true,
  shortNames: ["ep"],
  strategy: { allowCreateOnUpdate: true },
  table: tableOf(
    [column("Endpoints", "The addresses and ports at which the service is served."), ageColumn],
    ({ subsets = [] }: V1Endpoints, age) => [listSummary(subsets.flatMap(subsetTexts), "<none>"), age],
  ),
});

function subsetTexts({ addresses = [], ports = [] }: V1EndpointSubset): readonly string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  return ports.flatMap(({ port }) =>
    addresses.map(({ ip }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)),
  );
}
