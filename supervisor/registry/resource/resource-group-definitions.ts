import type { ResourceV1ResourceClaim, V1ResourceSlice } from "../../api/generated/types.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { countedGeneration, ownStatus, statusPart } from "../status-strategy.ts";
import { ageColumn, column, nameAndAgeTable, tableOf } from "../table.ts";

const group = "resource.k8s.io";

type ResourceClaim = Typed<ResourceV1ResourceClaim>;

const deviceClassDefinition = defineResource({
  group,
  resource: "deviceclasses",
  kind: "DeviceClass",
  namespaced: false,
  strategy: { returnsDeletedObject: true, ...countedGeneration() },
  table: nameAndAgeTable,
});

const resourceClaimDefinition = defineResource({
  group,
  resource: "resourceclaims",
  kind: "ResourceClaim",
  model: "ResourceV1ResourceClaim",
  namespaced: true,
  strategy: { returnsDeletedObject: true, ...ownStatus() },
  subresources: { status: statusPart({ keepsMetadata: true }) },
  table: tableOf(
    [column("State", "A summary of the current state (allocated, pending, reserved, etc.)."), ageColumn],
    (claim: ResourceClaim, age) => [claimState(claim), age],
  ),
});

function claimState({ metadata, status }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const states = isDeleted ? ["deleted"] : [];
  if (status?.allocation !== undefined) {
    states.push("allocated", ...(status.reservedFor?.length ? ["reserved"] : []));
  } else if (!isDeleted) states.push("pending");
  return states.join(",");
}

const resourceClaimTemplateDefinition = defineResource({
  group,
  resource: "resourceclaimtemplates",
  kind: "ResourceClaimTemplate",
  namespaced: true,
  strategy: { returnsDeletedObject: true },
  table: nameAndAgeTable,
});

const resourceSliceDefinition = defineResource({
  group,
  resource: "resourceslices",
  kind: "ResourceSlice",
  namespaced: false,
  strategy: { returnsDeletedObject: true, ...countedGeneration() },
  table: tableOf(
    [
      column("Node", "The node that has the devices."),
      column("Driver", "The driver that publishes them."),
      column("Pool", "The pool that they belong to."),
      ageColumn,
    ],
    ({ spec }: V1ResourceSlice, age) => [
      spec?.nodeName ?? "<unset>",
      spec?.driver ?? "",
      spec?.pool?.name ?? "",
      age,
    ],
  ),
  selectableFields: ({ spec }: Typed<V1ResourceSlice>) => ({
    "spec.nodeName": spec?.nodeName ?? "",
    "spec.driver": spec?.driver ?? "",
  }),
});

/** Devices and the claims to them (kubernetes `pkg/registry/resource`). */
export const resourceGroupDefinitions: readonly ResourceDefinition[] = [
  deviceClassDefinition,
  resourceClaimDefinition,
  resourceClaimTemplateDefinition,
  resourceSliceDefinition,
];
