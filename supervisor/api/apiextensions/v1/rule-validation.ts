/** Checks of the rules in CEL that need no compiler. */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import {
  additionalSchema,
  type JsonSchema,
  type ValidationRule,
} from "../../../apimachinery/structural/json-schema.ts";
import { FieldPathError, schemaAtPath } from "../../../apimachinery/structural/schema-at-path.ts";

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
const lineBreak = /[\n\r]/;

export function ruleErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const { items, properties = {} } = schema;
  const additional = additionalSchema(schema);
  return [
    ...(additional === undefined ? [] : ruleErrors(additional, `${path}.additionalProperties`)),
    ...Object.entries(properties).flatMap(([name, property]) =>
      ruleErrors(property, `${path}.properties[${name}]`),
    ),
    ...(items === undefined ? [] : ruleErrors(items, `${path}.items`)),
    ...(schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) =>
      textErrors(rule, schema, `${path}.x-kubernetes-validations[${index}]`),
    ),
  ];
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
