/** Structural schemas of custom resources as server-side apply sees them (kube-openapi `schemaconv`). */
import {
  deducedType,
  type MergeList,
  type MergeMap,
  type MergeType,
  untypedAtomic,
} from "../apimachinery/fieldmanager/merge-type.ts";
import { isJsonObject, type JsonValue } from "../apimachinery/json/json-value.ts";
import type { V1JSONSchemaProps } from "./generated/types.ts";
import { builtInMergeType } from "./merge-types.ts";

/** A schema, where JSON allows a boolean or a list of them as well. */
function asSchema(value: unknown): V1JSONSchemaProps | undefined {
  // The schema was checked when its definition was taken.
  return isJsonObject(value) ? (value as V1JSONSchemaProps) : undefined;
}

class StructuralMap implements MergeMap {
  readonly isAtomic: boolean;
  readonly #schema: V1JSONSchemaProps;
  readonly #preserves: boolean;
  readonly #types = new Map<string, MergeType>();
  #entries: MergeType | undefined;

  constructor(schema: V1JSONSchemaProps, preserves: boolean) {
    this.#schema = schema;
    this.#preserves = preserves;
    this.isAtomic = schema["x-kubernetes-map-type"] === "atomic";
  }

  field(name: string): MergeType | undefined {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const { properties = {} } = this.#schema;
    const isObject = this.#schema["x-kubernetes-embedded-resource"] === true;
    const own = isObject ? ownFields.get(name) : undefined;
    if (own !== undefined) return own;
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (schema === undefined) return undefined;
    const type = typeOf(schema, this.#preserves);
    this.#types.set(name, type);
    return type;
  }

  get entries(): MergeType | undefined {
    this.#entries ??= this.#entryType();
    return this.#entries;
  }

  /** Fields that the schema does not know are what they look like, where they are kept. */
  #entryType(): MergeType | undefined {
    const { additionalProperties, properties } = this.#schema;
    const schema = asSchema(additionalProperties);
    if (schema !== undefined) return typeOf(schema, this.#preserves);
    if (additionalProperties === true) return deducedType;
    const isFree = this.#preserves || properties === undefined;
    return additionalProperties !== false && isFree ? deducedType : undefined;
  }
}

function listOf(schema: V1JSONSchemaProps, preserves: boolean): MergeList {
  const type = schema["x-kubernetes-list-type"];
  const keys = (schema["x-kubernetes-list-map-keys"] ?? []).toSorted();
  const itemSchema = asSchema(schema.items);
  const defaults = keys.flatMap((key) => {
    const given = itemSchema?.properties?.[key]?.default;
    // A default in a schema is JSON.
    return given === undefined ? [] : [[key, given as JsonValue] as const];
  });
  let items: MergeType | undefined;
  return {
    type: type === "map" || type === "set" ? type : "atomic",
    keys,
    keyDefaults: Object.fromEntries(defaults),
    get items() {
      items ??= itemSchema === undefined ? untypedAtomic : typeOf(itemSchema, preserves);
      return items;
    },
  };
}

function typeOf(schema: V1JSONSchemaProps, inherited: boolean): MergeType {
  const preserves = inherited || schema["x-kubernetes-preserve-unknown-fields"] === true;
  switch (schema.type) {
    case "object":
      return { map: new StructuralMap(schema, preserves) };
    case "array":
      return { list: listOf(schema, preserves) };
    case "integer":
    case "number":
      return { scalar: "numeric" };
    case "boolean":
      return { scalar: "boolean" };
    case "string":
      return { scalar: schema.format === undefined || schema.format === "byte" ? "string" : "untyped" };
    default:
      return schema["x-kubernetes-int-or-string"] === true
        ? { scalar: "untyped" }
        : { scalar: "untyped", list: listOf(schema, preserves), map: new StructuralMap(schema, preserves) };
  }
}

const objectMeta = builtInMergeType("V1ObjectMeta");
const text: MergeType = { scalar: "string" };
/** What every object has, whatever its schema says. */
const ownFields: ReadonlyMap<string, MergeType> = new Map([
  ["apiVersion", text],
  ["kind", text],
  ["metadata", objectMeta],
]);

/** The type of a custom kind by the root schema of one of its versions. */
export function structuralMergeType(schema: V1JSONSchemaProps, preservesUnknownFields: boolean): MergeType {
  const preserves = preservesUnknownFields || schema["x-kubernetes-preserve-unknown-fields"] === true;
  const root = new StructuralMap(schema, preserves);
  return {
    map: {
      isAtomic: false,
      field: (name) => ownFields.get(name) ?? root.field(name),
      entries: root.entries,
    },
  };
}
