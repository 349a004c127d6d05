import {
  endpointsWarnings,
  repackSubsets,
  setEndpointsDefaults,
  validateEndpoints,
} from "../../../api/core/v1/endpoints.ts";
import type { V1EndpointSubset, V1Endpoints } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import { listSummary } from "../../list-summary.ts";
import type { ResourceDefinition, Typed } from "../../resource-definition.ts";
import { ageColumn, column, tableOf } from "../../table.ts";

type Endpoints = Typed<V1Endpoints>;

/** Endpoints (kubernetes `pkg/registry/core/endpoint`). */
export const endpointsDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "endpoints",
  kind: "Endpoints",
  deprecationWarning: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  namespaced: true,
  shortNames: ["ep"],
  strategy: {
    allowCreateOnUpdate: true,
    setDefaults: (endpoints: Endpoints) => setEndpointsDefaults(endpoints),
    prepareForCreate: repack,
    prepareForUpdate: repack,
    validate: (endpoints: Endpoints) => validateEndpoints(endpoints),
    validateUpdate: (endpoints: Endpoints) => validateEndpoints(endpoints),
    warnings: (endpoints: Endpoints) => endpointsWarnings(endpoints),
  },
  table: tableOf(
    [column("Endpoints", "The addresses and ports at which the service is served."), ageColumn],
    ({ subsets = [] }: V1Endpoints, age) => [listSummary(subsets.flatMap(subsetTexts), "<none>"), age],
  ),
});

function repack(endpoints: Endpoints): void {
  if (endpoints.subsets !== undefined) endpoints.subsets = repackSubsets(endpoints.subsets);
}

function subsetTexts({ addresses = [], ports = [] }: V1EndpointSubset): readonly string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  return ports.flatMap(({ port }) =>
    addresses.map(({ ip }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)),
  );
}
