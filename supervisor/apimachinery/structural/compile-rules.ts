/** Compiles the rules in CEL of one schema (apiextensions-apiserver `pkg/apiserver/schema/cel/compilation.go`). */
import { compile } from "../cel/compile.ts";
import { estimateCost } from "../cel/cost/estimate-cost.ts";
import type { DeclType } from "../cel/decl-type.ts";
import type { Environment } from "../cel/environment.ts";
import { kubernetesEnvironment } from "../cel/kubernetes-environment.ts";
import { optionalType } from "../cel/types.ts";
import type { JsonSchema, ValidationRule } from "./json-schema.ts";
import { FieldPathError, normalizedFieldPath } from "./schema-at-path.ts";

type Program = Extract<ReturnType<typeof compile>, { readonly program: object }>["program"];

export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Absent for an empty rule, and for one that is wrong. */
  readonly program?: Program;
  readonly usesOldSelf: boolean;
  readonly message?: Program;
  /** Where errors of the rule stand, under the value that it is about. */
  readonly fieldPath: string;
  readonly problem?: string;
  readonly messageProblem?: string;
}

/** `type` is the type of the schema's values. */
export function compileRules(schema: JsonSchema, type: DeclType): readonly CompiledRule[] {
  const rules = schema["x-kubernetes-validations"] ?? [];
  if (rules.length === 0) return [];
  const environmentFor = (isOptional: boolean): Environment =>
    kubernetesEnvironment.extend({
      variables: { self: type.type, oldSelf: isOptional ? optionalType(type.type) : type.type },
      objects: [type],
    });
  const plain = environmentFor(false);
  return rules.map((rule) => compileRule(rule, schema, rule.optionalOldSelf ? environmentFor(true) : plain));
}

function compileRule(rule: ValidationRule, schema: JsonSchema, environment: Environment): CompiledRule {
  const none = { rule, usesOldSelf: false, fieldPath: "" };
  if (rule.rule.trim() === "") return none;
  const compiled = compile(rule.rule, environment);
  if ("problem" in compiled) return { ...none, problem: `compilation failed: ${compiled.problem}` };
  const { program } = compiled;
  if (program.outputType.kind !== "bool")
    return { ...none, problem: "cel expression must evaluate to a bool" };
  return {
    rule,
    program,
    usesOldSelf: program.variables.has("oldSelf"),
    fieldPath: fieldPathOf(rule, schema),
    ...messageOf(rule, environment),
  };
}

function messageOf(
  { messageExpression }: ValidationRule,
  environment: Environment,
): Pick<CompiledRule, "message" | "messageProblem"> {
  if (!messageExpression) return {};
  const compiled = compile(messageExpression, environment);
  if ("problem" in compiled) {
    return { messageProblem: `messageExpression compilation failed: ${compiled.problem}` };
  }
  if (compiled.program.outputType.kind !== "string") {
    return { messageProblem: "messageExpression must evaluate to a string" };
  }
  return { message: compiled.program };
}

function fieldPathOf({ fieldPath }: ValidationRule, schema: JsonSchema): string {
  if (!fieldPath) return "";
  try {
    return normalizedFieldPath(schema, fieldPath);
  } catch (error) {
    if (error instanceof FieldPathError) return "";
    throw error;
  }
}

/** What the rules of a schema cost at most at one value, as they stand; expressions that are wrong cost nothing. */
export function ruleCosts(
  schema: JsonSchema,
  type: DeclType,
): ReadonlyArray<{ rule: number; message: number }> {
  return (schema["x-kubernetes-validations"] ?? []).map((rule) => {
    const oldSelf = rule.optionalOldSelf ? optionalType(type.type) : type.type;
    const environment = kubernetesEnvironment.extend({
      variables: { self: type.type, oldSelf },
      objects: [type],
    });
    const cost = (expression: string | undefined): number =>
      expression?.trim() && "program" in compile(expression, environment)
        ? estimateCost(expression, environment, type)
        : 0;
    return { rule: cost(rule.rule), message: cost(rule.messageExpression) };
  });
}
