import { validateReplicaCounts } from "../../../api/apps/v1/replica-set-validation.ts";
import { setReplicationControllerDefaults } from "../../../api/core/v1/replication-controller/replication-controller-defaults.ts";
import { validateReplicationController } from "../../../api/core/v1/replication-controller/replication-controller-validation.ts";
import type { V1ReplicationController } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import { labelsCell, selectorColumn, templateCells, templateColumns } from "../../pod-template-columns.ts";
import type { Typed } from "../../resource-definition.ts";
import { scaleSubresource } from "../../scale.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";
import { statusStrategy, workloadStrategy } from "../../workload-strategy.ts";
import { ownerNameWarnings, templateWarnings } from "../../workload-warnings.ts";

type ReplicationController = Typed<V1ReplicationController>;

const integer = { type: "integer" } as const;

const table: TableDefinition = {
  columns: [
    nameColumn,
    column("Desired", "Replicas is the number of desired replicas.", integer),
    column("Current", "Replicas is the most recently observed number of replicas.", integer),
    column("Ready", "The number of ready replicas for this replication controller.", integer),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells(object, nowMs) {
    // Decoding made this a ReplicationController.
    const { metadata, spec, status } = object as unknown as ReplicationController;
    return [
      metadata.name ?? "",
      spec?.replicas ?? 0,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      age(metadata.creationTimestamp, nowMs),
      ...templateCells(spec?.template),
      labelsCell(spec?.selector),
    ];
  },
};

/** ReplicationControllers (kubernetes `pkg/registry/core/replicationcontroller/strategy.go`). */
export const replicationControllerDefinition = defineResource({
  group: "",
  resource: "replicationcontrollers",
  kind: "ReplicationController",
  namespaced: true,
  shortNames: ["rc"],
  categories: ["all"],
  storagePrefix: "/registry/controllers/",
  strategy: workloadStrategy({
    emptyStatus: { replicas: 0 },
    defaultPropagation: "Orphan",
    setDefaults: (controller: ReplicationController) => setReplicationControllerDefaults(controller),
    validate: (controller: ReplicationController) => validateReplicationController(controller),
    validateUpdate: (controller: ReplicationController) => validateReplicationController(controller),
    warnings: (controller: ReplicationController, old?: ReplicationController) => [
      ...ownerNameWarnings(controller, old),
      ...templateWarnings(controller.spec?.template, "spec.template", controller, old),
    ],
  }),
  subresources: {
    scale: scaleSubresource({
      specReplicasPath: ".spec.replicas",
      statusReplicasPath: ".status.replicas",
      selector: ({ spec }: ReplicationController) => labelsText(spec?.selector),
    }),
    status: {
      type: "part",
      strategy: statusStrategy({
        validateUpdate: ({ status }: ReplicationController) => validateReplicaCounts(status),
      }),
    },
  },
  table,
  selectableFields: ({ status }: ReplicationController) => ({
    "status.replicas": String(status?.replicas ?? 0),
  }),
});

function labelsText(labels: Readonly<Record<string, string>> = {}): string {
  return Object.keys(labels).length === 0 ? "" : labelsCell(labels);
}
