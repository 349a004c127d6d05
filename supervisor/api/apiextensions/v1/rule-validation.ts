/** Checks of the rules in CEL (apiextensions-apiserver `pkg/apis/apiextensions/validation`). */
import type { DeclType } from "../../../apimachinery/cel/decl-type.ts";
import { escapeFieldName } from "../../../apimachinery/cel/field-names.ts";
import { schemaType } from "../../../apimachinery/cel/schema-type.ts";
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import {
  type CompiledRule,
  compileRules,
  ruleCosts,
} from "../../../apimachinery/structural/compile-rules.ts";
import {
  additionalSchema,
  type JsonSchema,
  someSchema,
  type ValidationRule,
} from "../../../apimachinery/structural/json-schema.ts";
import { FieldPathError, schemaAtPath } from "../../../apimachinery/structural/schema-at-path.ts";

import { cardinalityFactor, cardinalityOfSize, RuleBudget } from "./rule-budget.ts";

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
const lineBreak = /[\n\r]/;

/** Where a schema stands, and what values there are. */
interface Place {
  readonly path: string;
  /** The type of the values; undefined for what expressions cannot look into. */
  readonly type: DeclType | undefined;
  /** The list around it whose items cannot be told apart after an update; empty where there is none. */
  readonly uncorrelated: string;
  /** How many values there may be; undefined where no schema around limits that. */
  readonly cardinality: number | undefined;
  readonly budget: RuleBudget;
}

/** Checks the rules of a schema that is right otherwise, and of those in it. */
export function ruleErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const texts = visitRules(schema, path);
  if (texts.length > 0 || !someSchema(schema, hasRules)) return texts;
  const budget = new RuleBudget();
  const type = schemaType(schema, "selfType", true);
  const errors = compileErrors(schema, { path, type, uncorrelated: "", cardinality: 1, budget });
  return [...errors, ...budget.finish(path)];
}

function hasRules(schema: JsonSchema): boolean {
  return (schema["x-kubernetes-validations"] ?? []).length > 0;
}

function visitRules(schema: JsonSchema, path: string): readonly FieldError[] {
  const { items, properties = {} } = schema;
  const additional = additionalSchema(schema);
  return [
    ...(additional === undefined ? [] : visitRules(additional, `${path}.additionalProperties`)),
    ...Object.entries(properties).flatMap(([name, property]) =>
      visitRules(property, `${path}.properties[${name}]`),
    ),
    ...(items === undefined ? [] : visitRules(items, `${path}.items`)),
    ...(schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) =>
      textErrors(rule, schema, `${path}.x-kubernetes-validations[${index}]`),
    ),
  ];
}

function compileErrors(schema: JsonSchema, place: Place): readonly FieldError[] {
  const { path, type, uncorrelated, budget } = place;
  const factor = cardinalityFactor(schema);
  const cardinality =
    factor === undefined || place.cardinality === undefined ? undefined : factor * place.cardinality;
  const { items, properties = {} } = schema;
  const additional = additionalSchema(schema);
  const errors: FieldError[] = [];
  if (additional !== undefined) {
    const there = { ...place, path: `${path}.additionalProperties`, type: type?.element, cardinality };
    errors.push(...compileErrors(additional, there));
  }
  for (const [name, property] of Object.entries(properties)) {
    const field = type?.fields?.get(escapeFieldName(name) ?? "")?.type;
    const there = {
      ...place,
      path: `${path}.properties[${name}]`,
      type: field ?? schemaType(property, name),
      cardinality,
    };
    errors.push(...compileErrors(property, there));
  }
  if (items !== undefined) {
    const isKeyed = schema["x-kubernetes-list-type"] === "map";
    const list = uncorrelated !== "" || isKeyed ? uncorrelated : path;
    const there = { path: `${path}.items`, type: type?.element, uncorrelated: list, cardinality, budget };
    errors.push(...compileErrors(items, there));
  }
  if (!hasRules(schema)) return errors;
  const field = `${path}.x-kubernetes-validations`;
  if (type === undefined) {
    const why = "internal error: failed to retrieve type information for x-kubernetes-validations";
    return [...errors, invalidField(field, "", why)];
  }
  const count = place.cardinality ?? cardinalityOfSize(type.minSizeBytes ?? 1);
  const costs = ruleCosts(schema, type);
  return [
    ...errors,
    ...compileRules(schema, type).flatMap((rule, index) => {
      const { rule: cost, message } = costs[index] ?? { rule: 0, message: 0 };
      const at = `${field}[${index}]`;
      return [
        ...budget.spend(`${at}.rule`, "rule", cost * count),
        ...problemsOf(rule, at, uncorrelated),
        ...budget.spend(`${at}.messageExpression`, "messageExpression", message),
      ];
    }),
  ];
}

function problemsOf(compiled: CompiledRule, field: string, uncorrelated: string): readonly FieldError[] {
  const { rule, problem, messageProblem, usesOldSelf } = compiled;
  const errors: FieldError[] = [];
  if (problem !== undefined) errors.push(invalidField(`${field}.rule`, shownRule(rule), problem));
  if (messageProblem !== undefined) {
    errors.push(invalidField(`${field}.messageExpression`, shownRule(rule), messageProblem));
  }
  if (usesOldSelf && uncorrelated !== "") {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
    errors.push(invalidField(`${field}.rule`, rule.rule, detail));
  }
  if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
    const detail = "may not be set if oldSelf is not used in rule";
    errors.push(invalidField(`${field}.optionalOldSelf`, rule.optionalOldSelf, detail));
  }
  return errors;
}

/** A rule as kube-apiserver shows it in messages: with Go's names. */
function shownRule(rule: ValidationRule): object {
  return {
    Rule: rule.rule,
    Message: rule.message ?? "",
    MessageExpression: rule.messageExpression ?? "",
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? "",
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

function textErrors(given: ValidationRule, schema: JsonSchema, path: string): readonly FieldError[] {
  const { rule, message = "", messageExpression = "", reason, fieldPath = "" } = given;
  const errors: FieldError[] = [];
  if (rule.trim() === "") errors.push(requiredField(`${path}.rule`, "rule is not specified"));
  else if (message !== "" && message.trim() === "") {
    errors.push(invalidField(`${path}.message`, message, "must be non-empty if specified"));
  } else if (lineBreak.test(message.trim())) {
    errors.push(invalidField(`${path}.message`, message, "must not contain line breaks"));
  } else if (lineBreak.test(rule.trim()) && message.trim() === "") {
    const detail = "message must be specified if rule contains line breaks";
    errors.push(requiredField(`${path}.message`, detail));
  }
  if (messageExpression !== "" && messageExpression.trim() === "") {
    errors.push(
      requiredField(`${path}.messageExpression`, "messageExpression must be non-empty if specified"),
    );
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupportedField(`${path}.reason`, reason, reasons));
  }
  errors.push(...fieldPathErrors(fieldPath, schema, `${path}.fieldPath`));
  return errors;
}

function fieldPathErrors(fieldPath: string, schema: JsonSchema, field: string): readonly FieldError[] {
  if (fieldPath === "") return [];
  const errors: FieldError[] = [];
  if (fieldPath.trim() === "") errors.push(invalidField(field, fieldPath, "must be non-empty if specified"));
  if (lineBreak.test(fieldPath)) errors.push(invalidField(field, fieldPath, "must not contain line breaks"));
  try {
    schemaAtPath(schema, fieldPath);
  } catch (error) {
    if (!(error instanceof FieldPathError)) throw error;
    errors.push(invalidField(field, fieldPath, "must be a valid path"));
  }
  return errors;
}
