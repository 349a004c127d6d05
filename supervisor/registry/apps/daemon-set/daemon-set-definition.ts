import { setDaemonSetDefaults } from "../../../api/apps/v1/daemon-set-defaults.ts";
import {
  validateDaemonSet,
  validateDaemonSetStatus,
  validateDaemonSetUpdate,
} from "../../../api/apps/v1/daemon-set-validation.ts";
import type { V1DaemonSet } from "../../../api/generated/types.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { defineResource } from "../../define-resource.ts";
import {
  labelsCell,
  selectorCell,
  selectorColumn,
  templateCells,
  templateColumns,
} from "../../pod-template-columns.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";
import { statusStrategy, workloadStrategy } from "../../workload-strategy.ts";
import { templateWarnings } from "../../workload-warnings.ts";

type DaemonSet = Typed<V1DaemonSet>;

const integer = { type: "integer" } as const;

/** Where apps/v1 shows how often the template has changed. */
const templateGeneration = "deprecated.daemonset.template.generation";

const table: TableDefinition = {
  columns: [
    nameColumn,
    column("Desired", "The total number of nodes that should be running the daemon pod.", integer),
    column("Current", "The number of nodes that are running at least 1 daemon pod.", integer),
    column(
      "Ready",
      "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition.",
      integer,
    ),
    column("Up-to-date", "The total number of nodes that are running updated daemon pod", integer),
    column(
      "Available",
      "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available.",
      integer,
    ),
    column("Node Selector", "A selector which must be true for the pod to fit on a node."),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells(object, nowMs) {
    // Decoding made this a DaemonSet.
    const { metadata, spec, status } = object as unknown as DaemonSet;
    return [
      metadata.name ?? "",
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      labelsCell(spec?.template?.spec?.nodeSelector),
      age(metadata.creationTimestamp, nowMs),
      ...templateCells(spec?.template),
      selectorCell(spec?.selector),
    ];
  },
};

function setTemplateGeneration(daemonSet: DaemonSet, value: number): void {
  daemonSet.metadata.annotations = {
    ...daemonSet.metadata.annotations,
    [templateGeneration]: String(value),
  };
}

function templateGenerationOf({ metadata }: DaemonSet): number {
  const value = Number(metadata.annotations?.[templateGeneration] ?? 0);
  return Number.isSafeInteger(value) ? value : 0;
}

/** DaemonSets (kubernetes `pkg/registry/apps/daemonset/strategy.go`). */
export const daemonSetDefinition = defineResource({
  group: "apps",
  resource: "daemonsets",
  kind: "DaemonSet",
  namespaced: true,
  shortNames: ["ds"],
  categories: ["all"],
  strategy: workloadStrategy({
    emptyStatus: {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    },
    setDefaults: (daemonSet: DaemonSet) => setDaemonSetDefaults(daemonSet),
    validate: (daemonSet: DaemonSet) => validateDaemonSet(daemonSet),
    validateUpdate: (daemonSet: DaemonSet, old: DaemonSet) => validateDaemonSetUpdate(daemonSet, old),
    warnings: (daemonSet: DaemonSet, old?: DaemonSet) =>
      templateWarnings(daemonSet.spec?.template, "spec.template", daemonSet, old),
    prepareForCreate(daemonSet: DaemonSet) {
      setTemplateGeneration(daemonSet, Math.max(1, templateGenerationOf(daemonSet)));
    },
    prepareForUpdate(daemonSet: DaemonSet, old: DaemonSet) {
      const changed = !equalJson(daemonSet.spec?.template, old.spec?.template);
      setTemplateGeneration(daemonSet, templateGenerationOf(old) + (changed ? 1 : 0));
    },
  }),
  subresources: {
    status: {
      type: "part",
      strategy: statusStrategy({
        validateUpdate: (daemonSet: DaemonSet, old: DaemonSet) => validateDaemonSetStatus(daemonSet, old),
      }),
    },
  },
  table,
});
