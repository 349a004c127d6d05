import { setStatefulSetDefaults } from "../../../api/apps/v1/stateful-set-defaults.ts";
import {
  validateStatefulSet,
  validateStatefulSetStatus,
  validateStatefulSetUpdate,
} from "../../../api/apps/v1/stateful-set-validation.ts";
import { claimSpecWarnings } from "../../../api/core/v1/volume/volume-warnings.ts";
import type { V1StatefulSet } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import { templateCells, templateColumns } from "../../pod-template-columns.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";
import { statusStrategy, workloadStrategy } from "../../workload-strategy.ts";
import { templateWarnings } from "../../workload-warnings.ts";
import { selectorScale } from "../selector-scale.ts";

type StatefulSet = Typed<V1StatefulSet>;

const table: TableDefinition = {
  columns: [nameColumn, column("Ready", "Number of the pod with ready state"), ageColumn, ...templateColumns],
  cells(object, nowMs) {
    // Decoding made this a StatefulSet.
    const { metadata, spec, status } = object as unknown as StatefulSet;
    return [
      metadata.name ?? "",
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      age(metadata.creationTimestamp, nowMs),
      ...templateCells(spec?.template),
    ];
  },
};

/** What holds for claims and revisions beside the template. */
function statefulSetWarnings({ spec }: StatefulSet): string[] {
  const claims = (spec?.volumeClaimTemplates ?? []).flatMap((claim, index) =>
    claimSpecWarnings(claim.spec, `spec.volumeClaimTemplates[${index}]`),
  );
  if ((spec?.revisionHistoryLimit ?? 0) >= 0) return claims;
  const detail = "a negative value retains all historical revisions; a value >= 0 is recommended";
  return [...claims, `spec.revisionHistoryLimit: ${detail}`];
}

/** StatefulSets (kubernetes `pkg/registry/apps/statefulset/strategy.go`). */
export const statefulSetDefinition = defineResource({
  group: "apps",
  resource: "statefulsets",
  kind: "StatefulSet",
  namespaced: true,
  shortNames: ["sts"],
  categories: ["all"],
  strategy: workloadStrategy({
    emptyStatus: { replicas: 0, availableReplicas: 0 },
    setDefaults: (statefulSet: StatefulSet) => setStatefulSetDefaults(statefulSet),
    validate: (statefulSet: StatefulSet) => validateStatefulSet(statefulSet),
    validateUpdate: (statefulSet: StatefulSet, old: StatefulSet) =>
      validateStatefulSetUpdate(statefulSet, old),
    warnings: (statefulSet: StatefulSet, old?: StatefulSet) => [
      ...templateWarnings(statefulSet.spec?.template, "spec.template", statefulSet, old),
      ...statefulSetWarnings(statefulSet),
    ],
  }),
  subresources: {
    scale: selectorScale,
    status: {
      type: "part",
      strategy: statusStrategy({
        validateUpdate: (statefulSet: StatefulSet, old: StatefulSet) =>
          validateStatefulSetStatus(statefulSet, old),
      }),
    },
  },
  table,
});
