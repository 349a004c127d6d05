/**
 * Checks values against the whole of a schema, with the texts of kube-apiserver (kube-openapi `pkg/validation/validate`,
 * apiextensions-apiserver `pkg/apiserver/validation`).
 */
import { invalidField, requiredField, tooManyField } from "../field-error.ts";
import { equalJson, isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { Alternatives } from "./alternatives.ts";
import { checkEnum, checkNumber, type Report, textCheck, typeInvalidField } from "./check-scalar.ts";
import type { Correlation } from "./correlation.ts";
import { additionalSchema, type JsonSchema } from "./json-schema.ts";
import { ValidationResult } from "./validation-result.ts";

/** Made once of a schema; holds no state of a value. */
export class SchemaValidator {
  readonly #schema: JsonSchema;
  readonly #types: readonly string[];
  readonly #checkText: ReturnType<typeof textCheck>;
  readonly #alternatives: Alternatives;
  readonly #properties: ReadonlyMap<string, SchemaValidator>;
  readonly #additional: SchemaValidator | undefined;
  readonly #items: SchemaValidator | undefined;

  /** Throws a `PatternError`. */
  constructor(schema: JsonSchema) {
    this.#schema = schema;
    const { type = "", properties = {}, items } = schema;
    this.#types = schema["x-kubernetes-int-or-string"] ? ["integer", "string"] : type === "" ? [] : [type];
    this.#checkText = textCheck(schema);
    this.#alternatives = new Alternatives(schema, (part) => new SchemaValidator(part));
    this.#properties = new Map(
      Object.entries(properties).map(([name, property]) => [name, new SchemaValidator(property)]),
    );
    const additional = additionalSchema(schema);
    this.#additional = additional && new SchemaValidator(additional);
    this.#items = items && new SchemaValidator(items);
  }

  /**
   * `path` names the value in messages; `prefix` stands before it in the errors' fields. With a correlation, values that
   * are what they were are not held against an update.
   */
  validate(value: JsonValue, path: string, prefix: string, correlation?: Correlation): ValidationResult {
    const result = this.validatePart(value, path, prefix, correlation);
    return !result.isValid && correlation?.isUnchanged ? new ValidationResult() : result;
  }

  /** As {@link validate}, for one of a schema's alternatives: only values further inside may be wrong as they were. */
  validatePart(
    value: JsonValue,
    path: string,
    prefix: string,
    correlation: Correlation | undefined,
  ): ValidationResult {
    const result = new ValidationResult();
    const report: Report = (message, error) => result.add(message, error(fieldName(path, prefix)));
    this.#checkType(value, path, report, result);
    if (value === null) {
      checkEnum(this.#schema, value, path, report);
      return result;
    }
    this.#alternatives.check(value, path, prefix, correlation, result);
    if (typeof value === "string") this.#checkText(value, path, report);
    else if (typeof value === "number") checkNumber(this.#schema, value, path, report);
    else if (Array.isArray(value)) this.#checkList(value, path, prefix, correlation, result);
    checkEnum(this.#schema, value, path, report);
    if (isJsonObject(value)) this.#checkObject(value, path, prefix, correlation, result);
    result.matches += 3;
    return result;
  }

  #checkType(value: JsonValue, path: string, report: Report, result: ValidationResult): void {
    const types = this.#types;
    if (types.length === 0 || (value === null && this.#schema.nullable)) return;
    const given = typeName(value);
    const fits = types.includes(given) || (given === "integer" && types.includes("number"));
    if (fits) {
      result.matches += 2;
      return;
    }
    const message = `${path} in body must be of type ${types.join(",")}: ${JSON.stringify(given)}`;
    report(message, (field) => typeInvalidField(field, given, message));
  }

  #checkList(
    list: readonly JsonValue[],
    path: string,
    prefix: string,
    correlation: Correlation | undefined,
    result: ValidationResult,
  ): void {
    const { minItems, maxItems, uniqueItems } = this.#schema;
    const items = this.#items;
    if (items !== undefined) {
      list.forEach((item, index) => {
        result.merge(items.validate(item, `${path}[${index}]`, prefix, correlation?.item(index)));
      });
    }
    const field = fieldName(path, prefix);
    if (minItems !== undefined && list.length < minItems) {
      const message = `${path} in body should have at least ${minItems} items`;
      result.add(message, invalidField(field, list.length, message));
    }
    if (maxItems !== undefined && list.length > maxItems) {
      result.add(
        `${path} in body should have at most ${maxItems} items`,
        tooManyField(field, list.length, maxItems),
      );
    }
    if (
      uniqueItems &&
      list.some((item, index) => list.slice(0, index).some((other) => equalJson(item, other)))
    ) {
      const message = `${path} in body shouldn't contain duplicates`;
      result.add(message, invalidField(field, "", message));
    }
    result.matches++;
  }

  #checkObject(
    object: JsonObject,
    path: string,
    prefix: string,
    correlation: Correlation | undefined,
    result: ValidationResult,
  ): void {
    this.#checkSize(object, path, fieldName(path, prefix), result);
    const inner = (name: string): Correlation | undefined =>
      path === "" && prefix === "" && (name === "kind" || name === "apiVersion")
        ? undefined
        : correlation?.field(name);
    for (const name of Object.keys(object)) {
      const property = this.#properties.get(name);
      const value = object[name] ?? null;
      const namePath = path === "" && property !== undefined ? name : `${path}.${name}`;
      if (property !== undefined) result.merge(property.validate(value, namePath, prefix, inner(name)));
      else if (this.#additional !== undefined) {
        result.merge(this.#additional.validate(value, namePath, prefix, inner(name)));
      } else if (this.#schema.additionalProperties === false) {
        const message = `${path}.${name} in body is a forbidden property`;
        result.add(message, invalidField(fieldName(path, prefix), name, message));
      }
    }
    for (const name of this.#schema.required ?? []) {
      if (Object.hasOwn(object, name) && object[name] !== undefined) continue;
      const namePath = `${path}.${name}`;
      result.add(`${namePath} in body is required`, requiredField(fieldName(namePath, prefix)));
    }
  }

  #checkSize(object: JsonObject, path: string, field: string, result: ValidationResult): void {
    const { minProperties, maxProperties } = this.#schema;
    if (minProperties === undefined && maxProperties === undefined) return;
    const size = Object.keys(object).length;
    if (minProperties !== undefined && size < minProperties) {
      const message = `${path} in body should have at least ${minProperties} properties`;
      result.add(message, invalidField(field, size, message));
    }
    if (maxProperties !== undefined && size > maxProperties) {
      const message = `${path} in body should have at most ${maxProperties} properties`;
      result.add(message, tooManyField(field, size, maxProperties));
    }
  }
}

function typeName(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** A value's name in its error; the root has none. */
function fieldName(path: string, prefix: string): string {
  const name = path.startsWith(".") ? path.slice(1) : path;
  if (prefix === "") return name === "" ? "<nil>" : name;
  return name === "" ? prefix : `${prefix}.${name}`;
}
