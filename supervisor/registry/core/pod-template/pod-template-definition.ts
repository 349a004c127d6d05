import { setPodTemplateDefaults } from "../../../api/core/v1/pod/pod-defaults.ts";
import { validatePodTemplate } from "../../../api/core/v1/pod/pod-validation.ts";
import type { V1PodTemplate } from "../../../api/generated/types.ts";
import type { FieldError } from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { defineResource } from "../../define-resource.ts";
import { labelsCell, templateCells } from "../../pod-template-columns.ts";
import type { Typed } from "../../resource-definition.ts";
import { column, nameColumn, type TableDefinition } from "../../table.ts";
import { templateWarnings } from "../../workload-warnings.ts";

type PodTemplate = Typed<V1PodTemplate>;

const table: TableDefinition = {
  columns: [
    nameColumn,
    column("Containers", "Names of each container in the template."),
    column("Images", "Images referenced by each container in the template."),
    column("Pod Labels", "The labels for the pod template."),
  ],
  cells(object) {
    // Decoding made this a PodTemplate.
    const { metadata, template } = object as unknown as PodTemplate;
    return [metadata.name ?? "", ...templateCells(template), labelsCell(template?.metadata?.labels)];
  },
};

function validate({ template }: PodTemplate): FieldError[] {
  const errors: FieldError[] = [];
  validatePodTemplate(template, "template", errors);
  return errors;
}

/** PodTemplates (kubernetes `pkg/registry/core/podtemplate/strategy.go`). */
export const podTemplateDefinition = defineResource({
  group: "",
  resource: "podtemplates",
  kind: "PodTemplate",
  namespaced: true,
  strategy: {
    returnsDeletedObject: true,
    setDefaults({ template }: PodTemplate) {
      if (template !== undefined) setPodTemplateDefaults(template);
    },
    validate: (object: PodTemplate) => validate(object),
    validateUpdate: (object: PodTemplate) => validate(object),
    warnings: (object: PodTemplate, old?: PodTemplate) =>
      templateWarnings(object.template, "template", object, old),
    prepareForCreate(object: PodTemplate) {
      object.metadata.generation = 1;
    },
    prepareForUpdate(object: PodTemplate, old: PodTemplate) {
      if (!equalJson(object.template, old.template)) {
        object.metadata.generation = (old.metadata.generation ?? 0) + 1;
      }
    },
  },
  table,
});
