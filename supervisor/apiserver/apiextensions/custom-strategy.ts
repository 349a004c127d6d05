/** The rules of custom resources (apiextensions-apiserver `pkg/registry/customresource`). */
import type { FieldError } from "../../apimachinery/field-error.ts";
import { invalidField } from "../../apimachinery/field-error.ts";
import { equalJson, type JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newForbidden } from "../../apimachinery/status-errors.ts";
import { Correlation } from "../../apimachinery/structural/correlation.ts";
import { validateEmbedded } from "../../apimachinery/structural/embedded-objects.ts";
import { validateKeyedLists } from "../../apimachinery/structural/keyed-lists.ts";
import { RuleValidator } from "../../apimachinery/structural/rule-validator.ts";
import { SchemaValidator } from "../../apimachinery/structural/schema-validator.ts";
import { checkDnsSubdomain } from "../../apimachinery/validation/formats.ts";
import type { ResourceStrategy, Strategy } from "../../registry/resource-definition.ts";
import type { CustomVersion } from "./custom-version.ts";
import { finalizerWarnings } from "./finalizer-warnings.ts";
import { scaleSpecErrors, scaleStatusErrors } from "./scale-validation.ts";

/** What of a definition its objects' rules have to ask for at each request. */
export interface DefinitionState {
  /** The definition is being deleted: there are no new objects. */
  isTerminating(): boolean;
}

/** An object as the JSON that it is. */
function jsonOf(object: ApiObject): JsonObject {
  return object as unknown as JsonObject;
}

const unchecked = invalidField(
  "<nil>",
  null,
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
);

const blocking: ReadonlySet<FieldError["type"]> = new Set<FieldError["type"]>([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

export class CustomStrategies {
  readonly #version: CustomVersion;
  readonly #state: DefinitionState;
  readonly #resource: { readonly group: string; readonly resource: string };
  #validator: SchemaValidator | undefined;
  #statusValidator: SchemaValidator | undefined;
  readonly #hasStatus: boolean;
  #rules: RuleValidator | undefined;

  constructor(
    version: CustomVersion,
    resource: { readonly group: string; readonly resource: string },
    state: DefinitionState,
  ) {
    this.#version = version;
    this.#state = state;
    this.#resource = resource;
    this.#hasStatus = version.version.subresources?.status !== undefined;
  }

  get #schemaValidator(): SchemaValidator {
    this.#validator ??= new SchemaValidator(this.#version.schema);
    return this.#validator;
  }

  get resource(): ResourceStrategy {
    return {
      checkName: checkDnsSubdomain,
      allowUnconditionalUpdate: false,
      allowCreateOnUpdate: false,
      returnsDeletedObject: false,
      setDefaults: (object) => this.#version.setDefaults(jsonOf(object)),
      prepareForCreate: (object) => this.#prepareForCreate(object),
      validate: (object) => this.#validate(object),
      prepareForUpdate: (object, old) => this.#prepareForUpdate(object, old),
      validateUpdate: (object, old) => this.#validateUpdate(object, old),
      warnings: ({ metadata }, old) => {
        const before = old?.metadata.finalizers ?? [];
        return finalizerWarnings((metadata.finalizers ?? []).filter((one) => !before.includes(one)));
      },
    };
  }

  /** The rules of the `status` subresource. */
  get status(): Strategy {
    return {
      setDefaults: (object) => this.#version.setDefaults(jsonOf(object)),
      prepareForUpdate: keepAllButStatus,
      validateUpdate: (object, old) => this.#validateStatus(object, old),
    };
  }

  #prepareForCreate(object: ApiObject): void {
    if (this.#state.isTerminating()) {
      const why = "create not allowed while custom resource definition is terminating";
      throw newForbidden(this.#resource, object.metadata.name ?? "", why);
    }
    if (this.#hasStatus) delete object.status;
    object.metadata.generation = 1;
  }

  #prepareForUpdate(object: ApiObject, old: ApiObject): void {
    if (this.#hasStatus) {
      if (old.status === undefined) delete object.status;
      else object.status = old.status;
    }
    const { metadata: _metadata, ...fields } = object;
    const { metadata: _oldMetadata, ...oldFields } = old;
    if (!equalJson(fields, oldFields)) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }

  #validate(object: ApiObject): readonly FieldError[] {
    const wrong = this.#typeErrors(object);
    if (wrong.length > 0) return wrong;
    const { structural } = this.#version;
    const json = jsonOf(object);
    return this.#withRules(json, undefined, undefined, [
      ...this.#schemaValidator.validate(json, "", "").errors,
      ...this.#scaleErrors(json),
      ...validateEmbedded(json, structural),
      ...validateKeyedLists(json, structural),
    ]);
  }

  #validateUpdate(object: ApiObject, old: ApiObject): readonly FieldError[] {
    const wrong = this.#typeErrors(object);
    if (wrong.length > 0) return wrong;
    const { structural } = this.#version;
    const json = jsonOf(object);
    const oldJson = jsonOf(old);
    const correlation = new Correlation(json, oldJson, structural);
    return this.#withRules(json, oldJson, correlation, [
      ...this.#schemaValidator.validate(json, "", "", correlation).errors,
      ...this.#scaleErrors(json),
      ...validateEmbedded(json, structural),
      ...this.#newListErrors(json, oldJson),
    ]);
  }

  #validateStatus(object: ApiObject, old: ApiObject): readonly FieldError[] {
    const json = jsonOf(object);
    const oldJson = jsonOf(old);
    const correlation = new Correlation(json, oldJson, this.#version.structural);
    return this.#withRules(json, oldJson, correlation, [
      ...this.#statusErrors(json, oldJson),
      ...scaleStatusErrors(json, this.#version.version.subresources?.scale),
      ...this.#newListErrors(json, oldJson),
    ]);
  }

  #statusErrors(object: JsonObject, old: JsonObject): readonly FieldError[] {
    const { status } = object;
    const schema = this.#version.schema.properties?.status;
    if (status === undefined || schema === undefined) return [];
    this.#statusValidator ??= new SchemaValidator(schema);
    const structural = this.#version.structural.properties.get("status");
    const correlation =
      old.status === undefined ? undefined : new Correlation(status, old.status, structural);
    return this.#statusValidator.validate(status, "", "status", correlation).errors;
  }

  /** Errors of sets and maps count where there were none. */
  #newListErrors(object: JsonObject, old: JsonObject): readonly FieldError[] {
    const { structural } = this.#version;
    const errors = validateKeyedLists(object, structural);
    return errors.length > 0 && validateKeyedLists(old, structural).length === 0 ? errors : [];
  }

  #typeErrors({ kind, apiVersion }: ApiObject): readonly FieldError[] {
    const wanted = this.#version;
    return [
      ...(kind === wanted.kind ? [] : [invalidField("kind", kind, `must be ${wanted.kind}`)]),
      ...(apiVersion === wanted.apiVersion
        ? []
        : [invalidField("apiVersion", apiVersion, `must be ${wanted.apiVersion}`)]),
    ];
  }

  #scaleErrors(object: JsonObject): readonly FieldError[] {
    const scale = this.#version.version.subresources?.scale;
    return [...scaleSpecErrors(object, scale), ...scaleStatusErrors(object, scale)];
  }

  /** Adds what the schema's rules in CEL say, where the object is right enough to ask them. */
  #withRules(
    object: JsonObject,
    old: JsonObject | undefined,
    correlation: Correlation | undefined,
    errors: readonly FieldError[],
  ): readonly FieldError[] {
    if (!this.#version.structural.holds.rules) return errors;
    if (errors.some(({ type }) => blocking.has(type))) return [...errors, unchecked];
    // Compiled when the first object comes.
    this.#rules ??= RuleValidator.ofRoot(this.#version.structural);
    return [...errors, ...(this.#rules?.validate(object, old, correlation) ?? [])];
  }
}

/** Of the metadata these are not the object's own. */
const requestMeta: ReadonlySet<string> = new Set(["resourceVersion", "managedFields"]);

/** Whatever stands beside the status stays as it was. */
function keepAllButStatus(object: ApiObject, old: ApiObject): void {
  const { metadata, status } = object;
  for (const name of Object.keys(object)) delete object[name];
  const given = Object.entries(metadata).filter(([name]) => requestMeta.has(name));
  const kept = Object.entries(old.metadata).filter(([name]) => !requestMeta.has(name));
  Object.assign(object, structuredClone(old), { metadata: Object.fromEntries([...kept, ...given]) });
  if (status === undefined) delete object.status;
  else object.status = status;
}
