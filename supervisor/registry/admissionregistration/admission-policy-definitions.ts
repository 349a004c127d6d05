import {
  setAdmissionPolicyBindingDefaults,
  setAdmissionPolicyDefaults,
} from "../../api/admissionregistration/v1/policy-defaults.ts";
import {
  validateMutatingAdmissionPolicy,
  validateMutatingAdmissionPolicyBinding,
  validateValidatingAdmissionPolicy,
  validateValidatingAdmissionPolicyBinding,
} from "../../api/admissionregistration/v1/policy-validation.ts";
import type {
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
  V1ParamKind,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from "../../api/generated/types.ts";
import type { FieldError } from "../../apimachinery/field-error.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { defineResource } from "../define-resource.ts";
import type { Strategy, Typed } from "../resource-definition.ts";
import { countedGeneration, ownStatus, prepared, statusPart } from "../status-strategy.ts";
import { ageColumn, column, type TableDefinition, tableOf } from "../table.ts";

/** The same rules at every write. */
function validated<T>(validate: (object: T) => FieldError[]): Pick<Strategy, "validate" | "validateUpdate"> {
  // Decoding made the object one of its kind.
  const check = (object: ApiObject) => validate(object as unknown as T);
  return { validate: check, validateUpdate: check };
}

const common = {
  group: "admissionregistration.k8s.io",
  namespaced: false,
  categories: ["api-extensions"],
} as const;

const paramKindColumn = column(
  "ParamKind",
  "ParamKind specifies the kind of resources used to parameterize this policy",
);

function paramKindText(kind: V1ParamKind | undefined): string {
  return kind === undefined ? "<unset>" : `${kind.apiVersion ?? ""}/${kind.kind ?? ""}`;
}

const bindingTable: TableDefinition = tableOf(
  [
    column("PolicyName", "PolicyName indicates the policy definition which the policy binding binded to"),
    column("ParamRef", "ParamRef indicates the param resource which sets the configuration param"),
    ageColumn,
  ],
  ({ spec }: V1ValidatingAdmissionPolicyBinding, age) => {
    const { namespace = "", name = "*" } = spec?.paramRef ?? {};
    const reference = namespace === "" ? name : `${namespace}/${name}`;
    return [spec?.policyName ?? "", spec?.paramRef === undefined ? "<unset>" : reference, age];
  },
);

export const validatingAdmissionPolicyDefinition = defineResource({
  ...common,
  resource: "validatingadmissionpolicies",
  kind: "ValidatingAdmissionPolicy",
  strategy: {
    allowUnconditionalUpdate: false,
    setDefaults: (policy: Typed<V1ValidatingAdmissionPolicy>) => setAdmissionPolicyDefaults(policy),
    ...validated(validateValidatingAdmissionPolicy),
    ...prepared(ownStatus(), countedGeneration()),
  },
  subresources: { status: statusPart({ keepsMetadata: true }) },
  table: tableOf(
    [
      column(
        "Validations",
        "Validations indicates the number of validation rules defined in this configuration",
        { type: "integer" },
      ),
      paramKindColumn,
      ageColumn,
    ],
    ({ spec }: V1ValidatingAdmissionPolicy, age) => [
      spec?.validations?.length ?? 0,
      paramKindText(spec?.paramKind),
      age,
    ],
  ),
});

export const validatingAdmissionPolicyBindingDefinition = defineResource({
  ...common,
  resource: "validatingadmissionpolicybindings",
  kind: "ValidatingAdmissionPolicyBinding",
  strategy: {
    allowUnconditionalUpdate: false,
    setDefaults: (object: Typed<V1ValidatingAdmissionPolicyBinding>) =>
      setAdmissionPolicyBindingDefaults(object),
    ...validated(validateValidatingAdmissionPolicyBinding),
    ...countedGeneration(),
  },
  table: bindingTable,
});

export const mutatingAdmissionPolicyDefinition = defineResource({
  ...common,
  resource: "mutatingadmissionpolicies",
  kind: "MutatingAdmissionPolicy",
  strategy: {
    allowUnconditionalUpdate: false,
    setDefaults: (object: Typed<V1MutatingAdmissionPolicy>) => setAdmissionPolicyDefaults(object),
    ...validated(validateMutatingAdmissionPolicy),
    ...countedGeneration(),
  },
  table: tableOf(
    [
      column("Mutations", "Mutation indicates the number of mutations rules defined in this configuration", {
        type: "integer",
      }),
      paramKindColumn,
      ageColumn,
    ],
    ({ spec }: V1MutatingAdmissionPolicy, age) => [
      spec?.mutations?.length ?? 0,
      paramKindText(spec?.paramKind),
      age,
    ],
  ),
});

export const mutatingAdmissionPolicyBindingDefinition = defineResource({
  ...common,
  resource: "mutatingadmissionpolicybindings",
  kind: "MutatingAdmissionPolicyBinding",
  strategy: {
    allowUnconditionalUpdate: false,
    setDefaults: (object: Typed<V1MutatingAdmissionPolicyBinding>) =>
      setAdmissionPolicyBindingDefaults(object),
    ...validated(validateMutatingAdmissionPolicyBinding),
    ...countedGeneration(),
  },
  table: bindingTable,
});
