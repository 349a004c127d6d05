import type { V1CustomResourceDefinition } from "../../api/generated/types.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { TypeMismatchError } from "../../apimachinery/schema/decode.ts";
import { newBadRequest } from "../../apimachinery/status-errors.ts";
import { checkDnsSubdomain } from "../../apimachinery/validation/formats.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { column, tableOf } from "../table.ts";
import { cleanupFinalizer } from "./cleanup-finalizer.ts";
import { setDefinitionCondition } from "./definition-conditions.ts";

type Rules = typeof import("../../api/apiextensions/v1/definition-rules.ts").definitionRules;
type Definition = Typed<V1CustomResourceDefinition>;

/** CustomResourceDefinitions (apiextensions-apiserver `pkg/registry/customresourcedefinition`). */
export const customResourceDefinitionDefinition: ResourceDefinition = defineResource({
  group: "apiextensions.k8s.io",
  resource: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  storagePrefix: "/registry/apiextensions.k8s.io/customresourcedefinitions/",
  strategy: {
    checkName: checkDnsSubdomain,
    allowUnconditionalUpdate: false,
    setDefaults,
    prepareForCreate(definition: Definition) {
      definition.status = { acceptedNames: { plural: "", kind: "" }, storedVersions: [] };
      definition.metadata.generation = 1;
      addStoredVersion(definition);
    },
    validate: (definition: Definition) => validation().validateDefinition(definition),
    prepareForUpdate(definition: Definition, old: Definition) {
      // A copy: the old one stays as it is.
      if (old.status === undefined) delete definition.status;
      else definition.status = { ...old.status };
      if (!equalJson(definition.spec, old.spec))
        definition.metadata.generation = (old.metadata.generation ?? 0) + 1;
      addStoredVersion(definition);
    },
    validateUpdate: (definition: Definition, old: Definition) =>
      validation().validateDefinitionUpdate(definition, old),
    warnings: (definition: Definition) =>
      validation()
        .unrecognizedFormats(definition.spec)
        .map((format) => `unrecognized format ${JSON.stringify(format)}`),
    finalizersInSpec: ({ metadata }) => (metadata.deletionTimestamp === undefined ? [cleanupFinalizer] : []),
    markTerminating(definition: Definition) {
      const { metadata } = definition;
      const finalizers = metadata.finalizers ?? [];
      if (!finalizers.includes(cleanupFinalizer)) metadata.finalizers = [...finalizers, cleanupFinalizer];
      setDefinitionCondition(definition, metadata.deletionTimestamp ?? "", {
        type: "Terminating",
        status: "True",
        reason: "InstanceDeletionPending",
        message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
      });
    },
  },
  subresources: {
    status: {
      type: "part",
      strategy: {
        setDefaults,
        prepareForUpdate(definition: Definition, old: Definition) {
          definition.spec = old.spec;
        },
        validateUpdate: (definition: Definition) => validation().validateStatus(definition),
      },
    },
  },
  table: tableOf(
    [column("Created At", "CreationTimestamp is the server time of the creation", { type: "date" })],
    ({ metadata }: Definition) => [metadata.creationTimestamp ?? ""],
  ),
});

/** Schemas and their patterns take memory that only servers with definitions need: loaded with the first of them. */
function validation(): Rules {
  const { definitionRules } = require("../../api/apiextensions/v1/definition-rules.ts");
  return definitionRules;
}

function setDefaults(definition: Definition): void {
  try {
    validation().setDefinitionDefaults(definition);
  } catch (error) {
    if (!(error instanceof TypeMismatchError)) throw error;
    throw newBadRequest(
      `CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: ${error.message}`,
    );
  }
}

/** The version in which objects are stored from now on is one in which some are. */
function addStoredVersion(definition: Definition): void {
  const storage = definition.spec.versions.find((version) => version.storage);
  const stored = definition.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage.name)) return;
  definition.status = { ...definition.status, storedVersions: [...stored, storage.name] };
}
