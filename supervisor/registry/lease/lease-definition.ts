import { validateLease } from "../../api/coordination/v1/lease-validation.ts";
import type { V1Lease } from "../../api/generated/types.ts";
import { checkDnsSubdomain } from "../../apimachinery/validation/formats.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../table.ts";

type Lease = Typed<V1Lease>;

/** Leases (kubernetes `pkg/registry/coordination/lease/strategy.go`). */
export const leaseDefinition: ResourceDefinition = {
  group: "coordination.k8s.io",
  version: "v1",
  resource: "leases",
  singular: "lease",
  kind: "Lease",
  namespaced: true,
  shortNames: [],
  categories: [],
  model: "V1Lease",
  storagePrefix: "/registry/leases/",
  strategy: {
    checkName: checkDnsSubdomain,
    allowUnconditionalUpdate: false,
    allowCreateOnUpdate: true,
    returnsDeletedObject: false,
    validate: (lease: Lease) => validateLease(lease),
    validateUpdate: (lease: Lease) => validateLease(lease),
  },
  subresources: {},
  table: {
    columns: [
      nameColumn,
      column("Holder", "holderIdentity contains the identity of the holder of a current lease."),
      ageColumn,
    ],
    cells(object, nowMs) {
      // Decoding made this a Lease.
      const { metadata, spec } = object as unknown as Lease;
      return [metadata.name ?? "", spec?.holderIdentity ?? "", age(metadata.creationTimestamp, nowMs)];
    },
  },
};
