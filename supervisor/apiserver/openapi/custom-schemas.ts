/** Describes custom kinds from the schemas of their CustomResourceDefinitions (apiextensions `controller/openapi`). */
import {
  cloneJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../apimachinery/json/json-value.ts";
import { listKindOf, type ResourceDefinition } from "../../registry/resource-definition.ts";
import type { Definitions } from "./definitions.ts";
import type { OpenApiVersion, Schema } from "./spec-types.ts";

const conventions = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";
const junctors = ["allOf", "oneOf", "anyOf", "not"];

/** `com.example.v1.Database`. */
function definitionName({ group, version }: ResourceDefinition, kind: string): string {
  return `${group.split(".").toReversed().join(".")}.${version}.${kind}`;
}

function keepsUnknown(schema: JsonObject): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true;
}

/** Calls `change` for a schema and those within it, the innermost last. */
function visit(schema: JsonObject, change: (schema: JsonObject) => void): void {
  change(schema);
  for (const inner of [schema.items, schema.additionalProperties, ...valuesOf(schema.properties)]) {
    if (isJsonObject(inner)) visit(inner, change);
  }
}

function valuesOf(value: JsonValue | undefined): readonly (JsonValue | undefined)[] {
  return isJsonObject(value) ? Object.values(value) : [];
}

/** Takes from a schema what v2 does not have, and what clients of v2 cannot read. */
function reduceToV2(schema: JsonObject): void {
  for (const junctor of junctors) delete schema[junctor];
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  if (Array.isArray(schema.required)) {
    const isNullable = (name: JsonValue) => {
      const property = properties[String(name)];
      return isJsonObject(property) && property.nullable === true;
    };
    schema.required = schema.required.filter((name) => !isNullable(name));
    if (schema.required.length === 0) delete schema.required;
  }
  if (schema.nullable === true || keepsUnknown(schema)) {
    delete schema.items;
    delete schema.properties;
  }
  const isBareList = schema.items === undefined && schema.type === "array";
  const isOpenObject = keepsUnknown(schema) && schema.type === "object";
  if (schema.nullable === true || isBareList || isOpenObject) delete schema.type;
  delete schema.nullable;
  delete schema.default;
}

/** A number or a text has no type of its own, but a choice of two. */
function unfold(schema: JsonObject): void {
  if (schema["x-kubernetes-int-or-string"] !== true || schema.anyOf !== undefined) return;
  schema.anyOf = [{ type: "integer" }, { type: "string" }];
}

/** The fields that field selectors may name. */
function selectableFields({ kind, selectableFields: read }: ResourceDefinition): Schema {
  const names = Object.keys(read?.({ kind, apiVersion: "", metadata: {} }) ?? {});
  if (names.length === 0) return {};
  return { "x-kubernetes-selectable-fields": names.map((fieldPath) => ({ fieldPath })) };
}

/** Makes the definitions of one custom kind. */
export class CustomSchemas {
  readonly #version: OpenApiVersion;
  readonly #definitions: Definitions;

  constructor(version: OpenApiVersion, definitions: Definitions) {
    this.#version = version;
    this.#definitions = definitions;
  }

  /** Adds the kind and its list, and gives their names. */
  add(definition: ResourceDefinition): { readonly object: string; readonly list: string } {
    const object = definitionName(definition, definition.kind);
    const list = definitionName(definition, listKindOf(definition));
    this.#definitions.add(object, this.#describe(definition));
    this.#definitions.add(list, this.#describeList(definition, object));
    return { object, list };
  }

  #describe(definition: ResourceDefinition): Schema {
    const { custom, group, version, kind } = definition;
    const kinds = {
      "x-kubernetes-group-version-kind": [{ group, version, kind }],
      ...selectableFields(definition),
    };
    if (custom === undefined) return { type: "object", ...kinds };
    // A schema is JSON; this copy is ours.
    const schema = cloneJson(custom.schema as JsonObject);
    const isOpen = custom.preservesUnknownFields || keepsUnknown(schema);
    if (this.#version === "v2" && isOpen) return { type: "object", ...kinds };
    visit(schema, unfold);
    if (this.#version === "v2") visit(schema, reduceToV2);
    visit(schema, (inner) => this.#embed(inner));
    schema.properties = { ...this.#typeProperties(), ...asObject(schema.properties), ...this.#metadata() };
    return { ...schema, ...kinds };
  }

  /** `apiVersion` and `kind` with the texts that they have in every object. */
  #typeProperties(): JsonObject {
    const [, texts = {}] = this.#definitions.descriptions.models.V1Pod ?? [];
    return {
      apiVersion: { type: "string", description: texts.apiVersion ?? "" },
      kind: { type: "string", description: texts.kind ?? "" },
    };
  }

  #metadata(): JsonObject {
    const $ref = this.#refer("V1ObjectMeta");
    const description = `Standard object's metadata. More info: ${conventions}#metadata`;
    return { metadata: this.#version === "v2" ? { description, $ref } : { description, allOf: [{ $ref }] } };
  }

  /** An object within an object has what all objects have. */
  #embed(schema: JsonObject): void {
    if (schema["x-kubernetes-embedded-resource"] !== true) return;
    if (this.#version === "v2" && keepsUnknown(schema)) return;
    const required = Array.isArray(schema.required) ? schema.required : [];
    schema.properties = { ...asObject(schema.properties), ...this.#typeProperties(), ...this.#metadata() };
    schema.required = Array.from(new Set([...required, "kind", "apiVersion"]));
  }

  #describeList(definition: ResourceDefinition, object: string): Schema {
    const { group, version, kind, resource } = definition;
    const listKind = listKindOf(definition);
    const meta = this.#refer("V1ListMeta");
    const description = `Standard list metadata. More info: ${conventions}#types-kinds`;
    return {
      description: `${listKind} is a list of ${kind}`,
      type: "object",
      required: ["items"],
      properties: {
        ...this.#typeProperties(),
        items: {
          description: `List of ${resource}. More info: ${conventions}`,
          type: "array",
          items: { $ref: this.#definitions.ref(object) },
        },
        metadata:
          this.#version === "v2" ? { description, $ref: meta } : { description, allOf: [{ $ref: meta }] },
      },
      "x-kubernetes-group-version-kind": [{ group, version, kind: listKind }],
      ...selectableFields(definition),
    };
  }

  #refer(model: string): string {
    return this.#definitions.ref(this.#definitions.addModel(model));
  }
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
