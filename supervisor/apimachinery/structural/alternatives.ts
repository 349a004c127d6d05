import { type FieldError, invalidField } from "../field-error.ts";
import type { JsonValue } from "../json/json-value.ts";
import type { Correlation } from "./correlation.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { SchemaValidator } from "./schema-validator.ts";
import { ValidationResult } from "./validation-result.ts";

type Check = (validator: SchemaValidator) => ValidationResult;

/** The schemas of `anyOf`, `oneOf`, `allOf` and `not`. */
export class Alternatives {
  readonly #anyOf: readonly SchemaValidator[];
  readonly #oneOf: readonly SchemaValidator[];
  readonly #allOf: readonly SchemaValidator[];
  readonly #not: SchemaValidator | undefined;
  readonly #isEmpty: boolean;

  constructor(schema: JsonSchema, validator: (schema: JsonSchema) => SchemaValidator) {
    this.#anyOf = (schema.anyOf ?? []).map(validator);
    this.#oneOf = (schema.oneOf ?? []).map(validator);
    this.#allOf = (schema.allOf ?? []).map(validator);
    this.#not = schema.not && validator(schema.not);
    this.#isEmpty = [...this.#anyOf, ...this.#oneOf, ...this.#allOf, this.#not].every(
      (part) => part === undefined,
    );
  }

  check(
    value: JsonValue,
    path: string,
    prefix: string,
    correlation: Correlation | undefined,
    result: ValidationResult,
  ): void {
    result.matches++;
    if (this.#isEmpty) return;
    const check: Check = (validator) => validator.validatePart(value, path, prefix, correlation);
    const quoted = JSON.stringify(path);
    this.#checkAny(check, quoted, prefix, result);
    this.#checkOne(check, quoted, prefix, result);
    this.#checkAll(check, quoted, prefix, result);
    if (this.#not !== undefined && check(this.#not).isValid) {
      addComposite(result, `${quoted} must not validate the schema (not)`, prefix);
    }
  }

  #checkAny(check: Check, path: string, prefix: string, result: ValidationResult): void {
    if (this.#anyOf.length === 0) return;
    const results = this.#anyOf.map(check);
    const success = results.find(({ isValid }) => isValid);
    if (success === undefined)
      addComposite(result, `${path} must validate at least one schema (anyOf)`, prefix);
    result.merge(success ?? bestOf(results));
  }

  #checkOne(check: Check, path: string, prefix: string, result: ValidationResult): void {
    if (this.#oneOf.length === 0) return;
    const results = this.#oneOf.map(check);
    const valid = results.filter(({ isValid }) => isValid);
    if (valid.length !== 1) {
      const found = valid.length === 0 ? "Found none valid" : `Found ${valid.length} valid alternatives`;
      addComposite(result, `${path} must validate one and only one schema (oneOf). ${found}`, prefix);
    }
    const [first] = valid;
    if (first === undefined) result.merge(bestOf(results));
    else if (valid.length === 1) result.merge(first);
  }

  #checkAll(check: Check, path: string, prefix: string, result: ValidationResult): void {
    if (this.#allOf.length === 0) return;
    const results = this.#allOf.map(check);
    for (const part of results) result.merge(part);
    const valid = results.filter(({ isValid }) => isValid).length;
    if (valid === results.length) return;
    const none = valid === 0 ? ". None validated" : "";
    addComposite(result, `${path} must validate all the schemas (allOf)${none}`, prefix);
  }
}

/** Of results that all have errors, the first with most checks passed. */
function bestOf(results: readonly ValidationResult[]): ValidationResult {
  return results.reduce(
    (best, candidate) => (candidate.matches > best.matches ? candidate : best),
    results[0] ?? new ValidationResult(),
  );
}

/** These errors name no field of their own. */
function addComposite(result: ValidationResult, message: string, prefix: string): void {
  const error: FieldError = invalidField(prefix === "" ? "<nil>" : prefix, "", message);
  result.add(message, error);
}
