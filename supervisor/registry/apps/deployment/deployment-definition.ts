import { setDeploymentDefaults } from "../../../api/apps/v1/deployment-defaults.ts";
import {
  validateDeployment,
  validateDeploymentStatus,
  validateDeploymentUpdate,
} from "../../../api/apps/v1/deployment-validation.ts";
import type { V1Deployment } from "../../../api/generated/types.ts";
import { selectorText } from "../../../apimachinery/label-selector.ts";
import { defineResource } from "../../define-resource.ts";
import { selectorColumn, templateCells, templateColumns } from "../../pod-template-columns.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";
import { keepField, statusStrategy, workloadStrategy } from "../../workload-strategy.ts";
import { ownerNameWarnings, templateWarnings } from "../../workload-warnings.ts";
import { selectorScale } from "../selector-scale.ts";

type Deployment = Typed<V1Deployment>;

const table: TableDefinition = {
  columns: [
    nameColumn,
    column("Ready", "Number of the pod with ready state"),
    column(
      "Up-to-date",
      "Total number of non-terminating pods targeted by this deployment that have the desired template spec.",
    ),
    column(
      "Available",
      "Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.",
    ),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells(object, nowMs) {
    // Decoding made this a Deployment.
    const { metadata, spec, status } = object as unknown as Deployment;
    return [
      metadata.name ?? "",
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      status?.updatedReplicas ?? 0,
      status?.availableReplicas ?? 0,
      age(metadata.creationTimestamp, nowMs),
      ...templateCells(spec?.template),
      spec?.selector === undefined ? "" : (selectorText(spec.selector) ?? "<invalid>"),
    ];
  },
};

/** Deployments (kubernetes `pkg/registry/apps/deployment/strategy.go`). */
export const deploymentDefinition = defineResource({
  group: "apps",
  resource: "deployments",
  kind: "Deployment",
  namespaced: true,
  shortNames: ["deploy"],
  categories: ["all"],
  strategy: workloadStrategy({
    emptyStatus: {},
    annotationsCount: true,
    setDefaults: (deployment: Deployment) => setDeploymentDefaults(deployment),
    validate: (deployment: Deployment) => validateDeployment(deployment),
    validateUpdate: (deployment: Deployment, old: Deployment) => validateDeploymentUpdate(deployment, old),
    warnings: (deployment: Deployment, old?: Deployment) => [
      ...ownerNameWarnings(deployment, old),
      ...templateWarnings(deployment.spec?.template, "spec.template", deployment, old),
    ],
  }),
  subresources: {
    scale: selectorScale,
    status: {
      type: "part",
      strategy: statusStrategy({
        prepareForUpdate(deployment, old) {
          keepField(deployment.metadata, old.metadata, "labels");
        },
        validateUpdate: (deployment: Deployment, old: Deployment) =>
          validateDeploymentStatus(deployment, old),
      }),
    },
  },
  table,
});
