import type {
  ResourceV1ResourceClaim,
  V1DeviceClass,
  V1ResourceClaimTemplate,
  V1ResourceSlice,
} from "../../api/generated/types.ts";
import { validateClaimStatus } from "../../api/resource/v1/resource-claim-status-validation.ts";
import {
  setClaimDefaults,
  validateDeviceClass,
  validateResourceClaimSpec,
  validateSpecKept,
} from "../../api/resource/v1/resource-claim-validation.ts";
import {
  resourceSliceWarnings,
  validateResourceSlice,
  validateResourceSliceUpdate,
} from "../../api/resource/v1/resource-slice-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { countedGeneration, ownStatus, statusPart } from "../status-strategy.ts";
import { ageColumn, column, nameAndAgeTable, tableOf } from "../table.ts";

const group = "resource.k8s.io";

type DeviceClass = Typed<V1DeviceClass>;
type ResourceClaim = Typed<ResourceV1ResourceClaim>;
type ClaimTemplate = Typed<V1ResourceClaimTemplate>;
type ResourceSlice = Typed<V1ResourceSlice>;

const deviceClassDefinition = defineResource({
  group,
  resource: "deviceclasses",
  kind: "DeviceClass",
  namespaced: false,
  strategy: {
    returnsDeletedObject: true,
    ...countedGeneration(),
    validate: ({ spec }: DeviceClass) => validateDeviceClass(spec ?? {}),
    validateUpdate: ({ spec }: DeviceClass) => validateDeviceClass(spec ?? {}),
  },
  table: nameAndAgeTable,
});

const resourceClaimDefinition = defineResource({
  group,
  resource: "resourceclaims",
  kind: "ResourceClaim",
  model: "ResourceV1ResourceClaim",
  namespaced: true,
  strategy: {
    returnsDeletedObject: true,
    ...ownStatus(),
    setDefaults({ spec }: ResourceClaim) {
      if (spec !== undefined) setClaimDefaults(spec);
    },
    validate: ({ spec }: ResourceClaim) => validateResourceClaimSpec(spec ?? {}, "spec"),
    validateUpdate: ({ spec }: ResourceClaim, old: ResourceClaim) => validateSpecKept(spec, old.spec),
  },
  subresources: {
    status: statusPart({
      keepsMetadata: true,
      validateUpdate: (claim: ResourceClaim, old: ResourceClaim) => validateClaimStatus(claim, old),
    }),
  },
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
  strategy: {
    returnsDeletedObject: true,
    setDefaults({ spec }: ClaimTemplate) {
      if (spec?.spec !== undefined) setClaimDefaults(spec.spec);
    },
    validate: ({ spec }: ClaimTemplate) => validateResourceClaimSpec(spec?.spec ?? {}, "spec.spec"),
    validateUpdate: ({ spec }: ClaimTemplate, old: ClaimTemplate) => validateSpecKept(spec, old.spec),
  },
  table: nameAndAgeTable,
});

const resourceSliceDefinition = defineResource({
  group,
  resource: "resourceslices",
  kind: "ResourceSlice",
  namespaced: false,
  strategy: {
    returnsDeletedObject: true,
    ...countedGeneration(),
    validate: ({ spec }: ResourceSlice) => validateResourceSlice(spec),
    validateUpdate: ({ spec }: ResourceSlice, old: ResourceSlice) =>
      validateResourceSliceUpdate(spec, old.spec),
    warnings: ({ spec }: ResourceSlice) => resourceSliceWarnings(spec),
  },
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
