import {
  validateControllerRevision,
  validateControllerRevisionUpdate,
} from "../../../api/apps/v1/controller-revision-validation.ts";
import type { V1ControllerRevision } from "../../../api/generated/types.ts";
import type { OwnerReference } from "../../../apimachinery/object-meta.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";

type ControllerRevision = Typed<V1ControllerRevision>;

/** `daemonset.apps/web`. */
function ownerName({ apiVersion = "", kind = "", name = "" }: OwnerReference): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.slice(0, apiVersion.indexOf("/"))}` : "";
  return `${kind.toLowerCase()}${group}/${name}`;
}

const table: TableDefinition = {
  columns: [
    nameColumn,
    column("Controller", "Controller of the object"),
    column("Revision", "Revision indicates the revision of the state represented by Data."),
    ageColumn,
  ],
  cells(object, nowMs) {
    // Decoding made this a ControllerRevision.
    const { metadata, revision } = object as unknown as ControllerRevision;
    const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller);
    return [
      metadata.name ?? "",
      owner === undefined ? "<none>" : ownerName(owner),
      revision ?? 0,
      age(metadata.creationTimestamp, nowMs),
    ];
  },
};

/** ControllerRevisions (kubernetes `pkg/registry/apps/controllerrevision/strategy.go`). */
export const controllerRevisionDefinition = defineResource({
  group: "apps",
  resource: "controllerrevisions",
  kind: "ControllerRevision",
  namespaced: true,
  strategy: {
    validate: (revision: ControllerRevision) => validateControllerRevision(revision),
    validateUpdate: (revision: ControllerRevision, old: ControllerRevision) =>
      validateControllerRevisionUpdate(revision, old),
  },
  table,
});
