import {
  endpointSliceWarnings,
  setEndpointSliceDefaults,
  validateEndpointSlice,
  validateEndpointSliceUpdate,
} from "../../api/discovery/v1/endpoint-slice.ts";
import type { V1EndpointSlice } from "../../api/generated/types.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { defineResource } from "../define-resource.ts";
import { listSummary } from "../list-summary.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type EndpointSlice = Typed<V1EndpointSlice>;

const countedFields = ["addressType", "endpoints", "ports"] as const;

/** EndpointSlices (kubernetes `pkg/registry/discovery/endpointslice`). */
export const endpointSliceDefinition: ResourceDefinition = defineResource({
  group: "discovery.k8s.io",
  resource: "endpointslices",
  kind: "EndpointSlice",
  namespaced: true,
  strategy: {
    setDefaults: (slice: EndpointSlice) => setEndpointSliceDefaults(slice),
    validate: (slice: EndpointSlice) => validateEndpointSlice(slice),
    validateUpdate: (slice: EndpointSlice, old: EndpointSlice) => validateEndpointSliceUpdate(slice, old),
    warnings: (slice: EndpointSlice, old?: EndpointSlice) => endpointSliceWarnings(slice, old),
    prepareForCreate(slice: EndpointSlice) {
      slice.metadata.generation = 1;
      dropOldTopology(slice);
    },
    prepareForUpdate(slice: EndpointSlice, old: EndpointSlice) {
      if (!equalJson(slice.endpoints, old.endpoints)) dropOldTopology(slice);
      const isSame =
        countedFields.every((field) => equalJson(slice[field], old[field])) &&
        equalJson(slice.metadata.labels ?? {}, old.metadata.labels ?? {});
      if (!isSame) slice.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
  },
  table: tableOf(
    [
      column("AddressType", "The type of address carried by this EndpointSlice."),
      column("Ports", "The ports that each endpoint exposes."),
      column("Endpoints", "The addresses of the endpoints."),
      ageColumn,
    ],
    ({ addressType, ports = [], endpoints = [] }: EndpointSlice, age) => [
      addressType ?? "",
      listSummary(
        (ports ?? []).map(({ port, name }) => String(port ?? name ?? "*")),
        "<unset>",
      ),
      listSummary(
        (endpoints ?? []).flatMap(({ addresses = [] }) => addresses),
        "<unset>",
      ),
      age,
    ],
  ),
});

/** What v1beta1 had and v1 does not take. */
function dropOldTopology(slice: EndpointSlice): void {
  for (const endpoint of slice.endpoints ?? []) delete endpoint.deprecatedTopology;
}
