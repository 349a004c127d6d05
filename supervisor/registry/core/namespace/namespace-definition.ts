import type { V1Namespace } from "../../../api/generated/types.ts";
import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";
import { checkDnsLabel, checkQualifiedName } from "../../../apimachinery/validation/formats.ts";
import { defineResource } from "../../define-resource.ts";
import type { Strategy, Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../../table.ts";

type Namespace = Typed<V1Namespace>;

/** The label by which selectors find a namespace by its name. */
const nameLabel = "kubernetes.io/metadata.name";

function setNameLabel(namespace: Namespace): void {
  const name = namespace.metadata.name ?? "";
  if (name !== "") namespace.metadata.labels = { ...namespace.metadata.labels, [nameLabel]: name };
}

const statusStrategy: Strategy = {
  prepareForUpdate(namespace: Namespace, old: Namespace) {
    if (old.spec) namespace.spec = old.spec;
    else delete namespace.spec;
    namespace.status ??= {};
  },
  validateUpdate({ metadata, status }: Namespace) {
    const phase = status?.phase ?? "";
    if (metadata.deletionTimestamp === undefined) {
      if (phase === "Active") return [];
      return [invalidField("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty")];
    }
    if (phase === "Terminating") return [];
    return [
      invalidField("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty"),
    ];
  },
};

/** `finalize`: the one way to change `spec.finalizers`, for what empties a namespace. */
const finalizeStrategy: Strategy = {
  prepareForUpdate(namespace: Namespace, old: Namespace) {
    if (old.status) namespace.status = old.status;
    else delete namespace.status;
  },
  validateUpdate(namespace: Namespace) {
    const errors: FieldError[] = [];
    (namespace.spec?.finalizers ?? []).forEach((finalizer, index) => {
      const path = `spec.finalizers[${index}]`;
      const complaints = checkQualifiedName(finalizer);
      for (const message of complaints) errors.push(invalidField(path, finalizer, message));
      if (complaints.length > 0 || finalizer.includes("/") || finalizer === "kubernetes") return;
      const detail = "name is neither a standard finalizer name nor is it fully qualified";
      errors.push(invalidField(path, finalizer, detail));
    });
    return errors;
  },
};

/** Namespaces (kubernetes `pkg/registry/core/namespace/strategy.go`). */
export const namespaceDefinition = defineResource({
  group: "",
  resource: "namespaces",
  kind: "Namespace",
  namespaced: false,
  shortNames: ["ns"],
  withoutVerbs: ["deletecollection"],
  strategy: {
    checkName: checkDnsLabel,
    returnsDeletedObject: true,
    setDefaults: setNameLabel,
    prepareForCreate(namespace: Namespace) {
      setNameLabel(namespace);
      const finalizers = namespace.spec?.finalizers ?? [];
      namespace.spec = {
        finalizers: finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"],
      };
      namespace.status = { phase: "Active" };
    },
    finalizersInSpec: (namespace: Namespace) => namespace.spec?.finalizers ?? [],
    markTerminating(namespace: Namespace) {
      namespace.status = { ...namespace.status, phase: "Terminating" };
    },
    prepareForUpdate(namespace: Namespace, old: Namespace) {
      setNameLabel(namespace);
      if (old.spec) namespace.spec = old.spec;
      if (old.status) namespace.status = old.status;
    },
  },
  subresources: {
    status: { type: "part", strategy: statusStrategy },
    finalize: { type: "part", strategy: finalizeStrategy, verbs: ["update"] },
  },
  table: {
    columns: [nameColumn, column("Status", "The status of the namespace"), ageColumn],
    cells(object, nowMs) {
      // Decoding made this a Namespace.
      const { metadata, status } = object as unknown as Namespace;
      return [metadata.name ?? "", status?.phase ?? "", age(metadata.creationTimestamp, nowMs)];
    },
  },
  selectableFields: (namespace: Namespace) => ({
    name: namespace.metadata.name ?? "",
    "status.phase": namespace.status?.phase ?? "",
  }),
});
