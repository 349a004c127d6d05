import { cloneJson, type JsonValue } from "../json/json-value.ts";
import { additionalSchema, type JsonSchema, type ValidationRule } from "./json-schema.ts";
import { pruneUnknown } from "./prune.ts";

/**
 * The part of a schema that says how objects are built: what fields there are, what they are where nobody gave them, how
 * lists are keyed. Made once of each version's schema (apiextensions-apiserver `pkg/apiserver/schema`).
 */
export interface Structural {
  readonly type: string;
  readonly nullable: boolean;
  /** Without the fields that the schema does not know. */
  readonly default?: JsonValue;
  readonly preservesUnknownFields: boolean;
  /** The value is an object of the API of its own, with `metadata`. */
  readonly isEmbedded: boolean;
  readonly isIntOrString: boolean;
  readonly listType: string;
  readonly listMapKeys: readonly string[];
  readonly mapType: string;
  readonly rules: readonly ValidationRule[];
  readonly properties: ReadonlyMap<string, Structural>;
  readonly additionalProperties: Structural | boolean | undefined;
  readonly items: Structural | undefined;
  /** The whole schema that this was made of. */
  readonly schema: JsonSchema;
  /** What is to be found here or further inside, so that nothing is looked for in vain. */
  readonly holds: StructuralContents;
}

interface StructuralContents {
  readonly defaults: boolean;
  readonly keyedLists: boolean;
  readonly embedded: boolean;
  readonly rules: boolean;
}

/** The schema of the values of an object's field; undefined where the schema does not know it. */
export function fieldOf(structural: Structural | undefined, name: string): Structural | undefined {
  if (structural === undefined) return undefined;
  const { additionalProperties } = structural;
  return (
    structural.properties.get(name) ??
    (typeof additionalProperties === "object" ? additionalProperties : undefined)
  );
}

export function structuralOf(schema: JsonSchema): Structural {
  const properties = new Map(
    Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, structuralOf(inner)] as const),
  );
  const additional = additionalSchema(schema);
  const additionalProperties =
    additional === undefined ? schema.additionalProperties === true || undefined : structuralOf(additional);
  const items = schema.items === undefined ? undefined : structuralOf(schema.items);
  const inner = [
    ...properties.values(),
    ...(typeof additionalProperties === "object" ? [additionalProperties] : []),
    ...(items === undefined ? [] : [items]),
  ];
  const rules = schema["x-kubernetes-validations"] ?? [];
  const listType = schema["x-kubernetes-list-type"] ?? "";
  const isEmbedded = schema["x-kubernetes-embedded-resource"] ?? false;
  const hasDefault = schema.default !== undefined && schema.default !== null;
  const structural: Structural = {
    type: schema.type ?? "",
    nullable: schema.nullable ?? false,
    preservesUnknownFields: schema["x-kubernetes-preserve-unknown-fields"] ?? false,
    isEmbedded,
    isIntOrString: schema["x-kubernetes-int-or-string"] ?? false,
    listType,
    listMapKeys: schema["x-kubernetes-list-map-keys"] ?? [],
    mapType: schema["x-kubernetes-map-type"] ?? "",
    rules,
    properties,
    additionalProperties,
    items,
    schema,
    holds: {
      defaults: hasDefault || inner.some(({ holds }) => holds.defaults),
      keyedLists: listType === "set" || listType === "map" || inner.some(({ holds }) => holds.keyedLists),
      embedded: isEmbedded || inner.some(({ holds }) => holds.embedded),
      rules: rules.length > 0 || inner.some(({ holds }) => holds.rules),
    },
  };
  return hasDefault ? { ...structural, default: prunedDefault(schema.default, structural) } : structural;
}

function prunedDefault(value: JsonValue | undefined, structural: Structural): JsonValue {
  const copy = cloneJson(value ?? null);
  pruneUnknown(copy, structural, false);
  return copy;
}
