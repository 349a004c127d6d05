import type {
  V1MutatingAdmissionPolicy,
  V1ValidatingAdmissionPolicy,
  V1ValidatingWebhookConfiguration,
} from "../../../api/generated/types.ts";
import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { newInvalid } from "../../../apimachinery/status-errors.ts";
import type { ResourceDefinition } from "../../../registry/resource-definition.ts";
import type { CompiledExpression } from "./compiled-expression.ts";
import {
  compileMatchConditions,
  compileMutatingPolicy,
  compileValidatingPolicy,
  type NamedExpression,
} from "./compiled-policy.ts";

/** Throws Invalid for a policy or webhook whose expressions are wrong; what was stored before is let be. */
export function checkExpressions(
  definition: ResourceDefinition,
  object: ApiObject,
  old: ApiObject | undefined,
): void {
  const { kind, group } = definition;
  const field = kind.endsWith("WebhookConfiguration") ? "webhooks" : "spec";
  if (old !== undefined && equalJson(object[field], old[field])) return;
  const errors = expressionErrors(kind, object);
  if (errors.length > 0) throw newInvalid({ group, kind }, object.metadata.name ?? "", errors);
}

function expressionErrors(kind: string, object: ApiObject): FieldError[] {
  // Decoding made the object one of its kind.
  switch (kind) {
    case "ValidatingAdmissionPolicy":
      return validatingErrors(object as unknown as V1ValidatingAdmissionPolicy);
    case "MutatingAdmissionPolicy":
      return mutatingErrors(object as unknown as V1MutatingAdmissionPolicy);
    case "ValidatingWebhookConfiguration":
    case "MutatingWebhookConfiguration":
      return webhookErrors(object as unknown as V1ValidatingWebhookConfiguration);
    default:
      return [];
  }
}

function problemOf(compiled: CompiledExpression | undefined, path: string): FieldError[] {
  if (compiled?.problem === undefined) return [];
  return [invalidField(path, compiled.expression, compiled.problem)];
}

function conditionErrors(conditions: readonly NamedExpression[], path: string): FieldError[] {
  return conditions.flatMap(({ compiled }, index) => problemOf(compiled, `${path}[${index}].expression`));
}

function variableErrors(variables: ReadonlyMap<string, CompiledExpression>): FieldError[] {
  return Array.from(variables.values()).flatMap((compiled, index) =>
    problemOf(compiled, `spec.variables[${index}].expression`),
  );
}

function validatingErrors(policy: V1ValidatingAdmissionPolicy): FieldError[] {
  const { matchConditions, variables, validations, auditAnnotations } = compileValidatingPolicy(policy);
  return [
    ...conditionErrors(matchConditions, "spec.matchConditions"),
    ...variableErrors(variables),
    ...validations.flatMap(({ expression, message }, index) => [
      ...problemOf(expression, `spec.validations[${index}].expression`),
      ...problemOf(message, `spec.validations[${index}].messageExpression`),
    ]),
    ...auditAnnotations.flatMap((compiled, index) =>
      problemOf(compiled, `spec.auditAnnotations[${index}].valueExpression`),
    ),
  ];
}

function mutatingErrors(policy: V1MutatingAdmissionPolicy): FieldError[] {
  const { matchConditions, variables, mutations } = compileMutatingPolicy(policy);
  return [
    ...conditionErrors(matchConditions, "spec.matchConditions"),
    ...variableErrors(variables),
    ...mutations.flatMap(({ patchType, compiled }, index) => {
      const field = patchType === "JSONPatch" ? "jsonPatch" : "applyConfiguration";
      return problemOf(compiled, `spec.mutations[${index}].${field}.expression`);
    }),
  ];
}

function webhookErrors({ webhooks = [] }: V1ValidatingWebhookConfiguration): FieldError[] {
  return webhooks.flatMap(({ matchConditions }, index) =>
    conditionErrors(compileMatchConditions(matchConditions, {}), `webhooks[${index}].matchConditions`),
  );
}
