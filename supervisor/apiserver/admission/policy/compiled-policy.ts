/** A policy's expressions, compiled when a write first comes under it (apiserver `policy/validating/plugin.go`). */
import type {
  V1MatchCondition,
  V1ValidatingAdmissionPolicy,
  V1Variable,
} from "../../../api/generated/types.ts";
import {
  type AdmissionVariables,
  admissionEnvironment,
} from "../../../apimachinery/cel/admission-environment.ts";
import { boolType, type CelType, dynType, nullType, stringType } from "../../../apimachinery/cel/types.ts";
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

function compileMatchConditions(
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
