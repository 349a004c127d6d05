import { dropCoordinatedLeader, validateLease } from "../../../api/coordination/v1/lease-validation.ts";
import type { V1Lease } from "../../../api/generated/types.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../../table.ts";

type Lease = Typed<V1Lease>;

/** Leases (kubernetes `pkg/registry/coordination/lease/strategy.go`). */
export const leaseDefinition = defineResource({
  group: "coordination.k8s.io",
  resource: "leases",
  kind: "Lease",
  namespaced: true,
  strategy: {
    allowUnconditionalUpdate: false,
    allowCreateOnUpdate: true,
    prepareForCreate: (lease: Mutable<Lease>) => dropCoordinatedLeader(lease),
    prepareForUpdate: (lease: Mutable<Lease>, old: Lease) => dropCoordinatedLeader(lease, old),
    validate: (lease: Lease) => validateLease(lease),
    validateUpdate: (lease: Lease) => validateLease(lease),
  },
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
});
