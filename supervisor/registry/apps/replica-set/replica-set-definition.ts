import { setReplicaSetDefaults } from "../../../api/apps/v1/replica-set-defaults.ts";
import {
  validateReplicaCounts,
  validateReplicaSet,
  validateReplicaSetUpdate,
} from "../../../api/apps/v1/replica-set-validation.ts";
import type { V1ReplicaSet } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import { selectorCell, selectorColumn, templateCells, templateColumns } from "../../pod-template-columns.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";
import { statusStrategy, workloadStrategy } from "../../workload-strategy.ts";
import { ownerNameWarnings, templateWarnings } from "../../workload-warnings.ts";
import { selectorScale } from "../selector-scale.ts";

type ReplicaSet = Typed<V1ReplicaSet>;

const integer = { type: "integer" } as const;

const table: TableDefinition = {
  columns: [
    nameColumn,
    column("Desired", "Replicas is the number of desired pods.", integer),
    column("Current", "Replicas is the most recently observed number of non-terminating pods.", integer),
    column(
      "Ready",
      "The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.",
      integer,
    ),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells(object, nowMs) {
    // Decoding made this a ReplicaSet.
    const { metadata, spec, status } = object as unknown as ReplicaSet;
    return [
      metadata.name ?? "",
      spec?.replicas ?? 0,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      age(metadata.creationTimestamp, nowMs),
      ...templateCells(spec?.template),
      selectorCell(spec?.selector),
    ];
  },
};

/** ReplicaSets (kubernetes `pkg/registry/apps/replicaset/strategy.go`). */
export const replicaSetDefinition = defineResource({
  group: "apps",
  resource: "replicasets",
  kind: "ReplicaSet",
  namespaced: true,
  shortNames: ["rs"],
  categories: ["all"],
  strategy: workloadStrategy({
    emptyStatus: { replicas: 0 },
    setDefaults: (replicaSet: ReplicaSet) => setReplicaSetDefaults(replicaSet),
    validate: (replicaSet: ReplicaSet) => validateReplicaSet(replicaSet),
    validateUpdate: (replicaSet: ReplicaSet, old: ReplicaSet) => validateReplicaSetUpdate(replicaSet, old),
    warnings: (replicaSet: ReplicaSet, old?: ReplicaSet) => [
      ...ownerNameWarnings(replicaSet, old),
      ...templateWarnings(replicaSet.spec?.template, "spec.template", replicaSet, old),
    ],
  }),
  subresources: {
    scale: selectorScale,
    status: {
      type: "part",
      strategy: statusStrategy({
        validateUpdate: ({ status }: ReplicaSet) => validateReplicaCounts(status),
      }),
    },
  },
  table,
  selectableFields: ({ status }: ReplicaSet) => ({ "status.replicas": String(status?.replicas ?? 0) }),
});
