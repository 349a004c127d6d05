import { type FieldError, invalidField, notSupportedField, tooLongField } from "../field-error.ts";
import type { JsonValue } from "../json/json-value.ts";
import { equalJson } from "../json/json-value.ts";
import { openApiFormat } from "../validation/open-api-formats.ts";
import { goPattern } from "./go-pattern.ts";
import type { JsonSchema } from "./json-schema.ts";

/** What is wrong with a value: the message of the whole error, and the error of its field. */
export type Report = (message: string, error: (field: string) => FieldError) => void;

/** A wrong type or format, which the messages of other errors do not tell (`FieldValueTypeInvalid`). */
export function typeInvalidField(field: string, value: unknown, detail: string): FieldError {
  return { ...invalidField(field, value, detail), type: "FieldValueTypeInvalid" };
}

/** Reports a value that a message says all about. */
function invalid(report: Report, value: JsonValue, message: string): void {
  report(message, (field) => invalidField(field, value, message));
}

/** Checks texts; every schema's pattern is compiled once. */
export function textCheck(schema: JsonSchema): (text: string, path: string, report: Report) => void {
  const { maxLength, minLength, pattern, format } = schema;
  const expression = pattern === undefined || pattern === "" ? undefined : goPattern(pattern);
  const isFormat = format === undefined || !isTextType(schema) ? undefined : openApiFormat(format);
  return (text, path, report) => {
    const length = maxLength === undefined && minLength === undefined ? 0 : characters(text);
    if (maxLength !== undefined && length > maxLength) {
      const message = `${path} in body should be at most ${maxLength} chars long`;
      report(message, (field) => tooLongField(field, maxLength));
    } else if (minLength !== undefined && length < minLength) {
      invalid(report, text, `${path} in body should be at least ${minLength} chars long`);
    } else if (expression !== undefined && !expression(text)) {
      invalid(report, text, `${path} in body should match '${pattern}'`);
    }
    if (isFormat !== undefined && !isFormat(text)) {
      const message = `${path} in body must be of type ${format}: ${JSON.stringify(text)}`;
      report(message, (field) => typeInvalidField(field, text, message));
    }
  };
}

/** Formats of texts stand in schemas of texts, and in those without a type. */
function isTextType({ type = "", ...schema }: JsonSchema): boolean {
  return type === "string" || (type === "" && !schema["x-kubernetes-int-or-string"]);
}

/** The number of Unicode characters. */
function characters(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

const int32Limit = 2 ** 31;

export function checkNumber(schema: JsonSchema, value: number, path: string, report: Report): void {
  const { type, format, multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = schema;
  if (type === "integer" && format === "int32" && (value < -int32Limit || value >= int32Limit)) {
    const message = `Checked value must be of type integer with format int32 in ${path}`;
    report(message, () => invalidField("<nil>", "", message));
  }
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    invalid(report, value, `${path} in body should be a multiple of ${multipleOf}`);
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    const bound = exclusiveMaximum ? "less than" : "less than or equal to";
    invalid(report, value, `${path} in body should be ${bound} ${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    const bound = exclusiveMinimum ? "greater than" : "greater than or equal to";
    invalid(report, value, `${path} in body should be ${bound} ${minimum}`);
  }
}

function isMultiple(value: number, factor: number): boolean {
  const quotient = value / factor;
  return Number.isInteger(quotient) || Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

export function checkEnum(schema: JsonSchema, value: JsonValue, path: string, report: Report): void {
  const { enum: allowed } = schema;
  if (allowed === undefined || allowed.length === 0) return;
  if (allowed.some((entry) => equalJson(entry, value))) return;
  const texts = allowed.map((entry) => (typeof entry === "string" ? entry : JSON.stringify(entry)));
  const message = `${path} in body should be one of [${texts.join(" ")}]`;
  report(message, (field) => notSupportedField(field, value, texts));
}
