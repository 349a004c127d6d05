/** A policy's expressions, compiled when a write first comes under it (apiserver `policy/validating/plugin.go`). */
import type {
  V1MatchCondition,
  V1MutatingAdmissionPolicy,
  V1ValidatingAdmissionPolicy,
  V1Variable,
} from "../../../api/generated/types.ts";
import {
  type AdmissionVariables,
  admissionEnvironment,
} from "../../../apimachinery/cel/admission-environment.ts";
import { applyConfigurationType, jsonPatchType } from "../../../apimachinery/cel/mutation-types.ts";
import {
  boolType,
  type CelType,
  dynType,
  listType,
  nullType,
  stringType,
} from "../../../apimachinery/cel/types.ts";
import { type CompiledExpression, compileExpression } from "./compiled-expression.ts";

export interface NamedExpression {
  readonly name: string;
  readonly compiled: CompiledExpression;
}

/** Each variable may name those before it. */
function compileVariables(
  variables: readonly V1Variable[] | undefined,
  options: AdmissionVariables,
): {
  readonly expressions: ReadonlyMap<string, CompiledExpression>;
  readonly types: ReadonlyMap<string, CelType>;
} {
  const expressions = new Map<string, CompiledExpression>();
  const types = new Map<string, CelType>();
  for (const { name, expression } of variables ?? []) {
    const compiled = compileExpression(
      expression,
      admissionEnvironment({ ...options, variables: types }),
      [],
    );
    expressions.set(name, compiled);
    types.set(name, compiled.program?.outputType ?? dynType);
  }
  return { expressions, types };
}

export function compileMatchConditions(
  conditions: readonly V1MatchCondition[] | undefined,
  options: AdmissionVariables,
): readonly NamedExpression[] {
  const environment = admissionEnvironment({ ...options, hasAuthorizer: true });
  return (conditions ?? []).map(({ name, expression }) => ({
    name,
    compiled: compileExpression(expression.trim(), environment, [boolType]),
  }));
}

interface CompiledValidation {
  readonly expression: CompiledExpression;
  readonly message: CompiledExpression | undefined;
}

export interface CompiledValidatingPolicy {
  readonly variables: ReadonlyMap<string, CompiledExpression>;
  readonly matchConditions: readonly NamedExpression[];
  readonly validations: readonly CompiledValidation[];
  readonly auditAnnotations: readonly CompiledExpression[];
}

export function compileValidatingPolicy({ spec }: V1ValidatingAdmissionPolicy): CompiledValidatingPolicy {
  const options = { hasParams: spec?.paramKind !== undefined, hasAuthorizer: true };
  const { expressions, types } = compileVariables(spec?.variables, options);
  const environment = admissionEnvironment({ ...options, variables: types });
  const messageEnvironment = admissionEnvironment({ ...options, hasAuthorizer: false, variables: types });
  return {
    variables: expressions,
    matchConditions: compileMatchConditions(spec?.matchConditions, options),
    validations: (spec?.validations ?? []).map(({ expression, messageExpression }) => ({
      expression: compileExpression(expression, environment, [boolType]),
      message: messageExpression
        ? compileExpression(messageExpression, messageEnvironment, [stringType])
        : undefined,
    })),
    auditAnnotations: (spec?.auditAnnotations ?? []).map(({ valueExpression }) =>
      compileExpression(valueExpression.trim(), environment, [stringType, nullType]),
    ),
  };
}

export interface CompiledMutatingPolicy {
  readonly variables: ReadonlyMap<string, CompiledExpression>;
  readonly matchConditions: readonly NamedExpression[];
  readonly mutations: ReadonlyArray<{ readonly patchType: string; readonly compiled: CompiledExpression }>;
}

export function compileMutatingPolicy({ spec }: V1MutatingAdmissionPolicy): CompiledMutatingPolicy {
  const options = { hasParams: spec?.paramKind !== undefined, hasAuthorizer: true, makesPatches: true };
  const { expressions, types } = compileVariables(spec?.variables, options);
  const environment = admissionEnvironment({ ...options, variables: types });
  return {
    variables: expressions,
    matchConditions: compileMatchConditions(spec?.matchConditions, { ...options, makesPatches: false }),
    mutations: (spec?.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => ({
      patchType,
      compiled:
        patchType === "JSONPatch"
          ? compileExpression(jsonPatch?.expression ?? "", environment, [listType(jsonPatchType)])
          : compileExpression(applyConfiguration?.expression ?? "", environment, [applyConfigurationType]),
    })),
  };
}
