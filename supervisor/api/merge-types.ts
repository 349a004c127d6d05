/** The built-in models as server-side apply sees them. */
import {
  deducedType,
  type MergeList,
  type MergeMap,
  type MergeType,
  type ScalarForm,
  untypedAtomic,
} from "../apimachinery/fieldmanager/merge-type.ts";
import type { FieldSchema, ObjectSchema, ScalarType, TypeSchema } from "../apimachinery/schema/schema.ts";
import {
  atomicMaps,
  atomicStructs,
  embeddedStructs,
  granularFields,
  keyedLists,
  setLists,
} from "./merge-facts.ts";
import { apiSchemas } from "./schema-set.ts";

/** Keys that items may leave out, and what they are then. */
const keyDefaults = { protocol: "TCP" };
const noDefaults = {};

/** `PodSpec` for `V1PodSpec`. */
function unversioned(model: string): string {
  return model.replace(/^[A-Za-z]*?V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/, "");
}

const scalarForms: Readonly<Record<Exclude<ScalarType, "any">, ScalarForm>> = {
  string: "string",
  bytes: "string",
  bool: "boolean",
  int32: "numeric",
  int64: "numeric",
  double: "numeric",
  time: "untyped",
  microTime: "untyped",
  quantity: "untyped",
  intOrString: "untyped",
};

const scalarTypes = new Map<ScalarForm, MergeType>(
  (["string", "boolean", "numeric", "untyped"] as const).map((scalar) => [scalar, { scalar }]),
);

/** Free JSON: within the schemas of custom resources its entries have owners, elsewhere it is one value. */
function freeForm(owner: string): MergeType {
  return owner === "JSONSchemaProps" ? deducedType : untypedAtomic;
}

function mergeTypeOf(type: TypeSchema, owner: string, name: string): MergeType {
  const fact = `${owner}.${name}`;
  switch (type.kind) {
    case "scalar":
      if (type.scalar === "any") return freeForm(owner);
      return scalarTypes.get(scalarForms[type.scalar]) ?? untypedAtomic;
    case "list":
      return { list: listOf(type.items, owner, name) };
    case "map": {
      const entries = mergeTypeOf(type.values, owner, `${name}.`);
      return { map: { isAtomic: atomicMaps.has(fact), field: () => undefined, entries } };
    }
    case "object":
      return modelType(type.model, granularFields.has(fact));
  }
}

function listOf(items: TypeSchema, owner: string, name: string): MergeList {
  const fact = `${owner}.${name}`;
  const keys = keyedLists.get(fact);
  const type = keys === undefined ? (setLists.has(fact) ? "set" : "atomic") : "map";
  const hasDefault = keys?.includes("protocol") ?? false;
  let itemType: MergeType | undefined;
  return {
    type,
    keys: keys?.toSorted() ?? [],
    keyDefaults: hasDefault ? keyDefaults : noDefaults,
    get items() {
      itemType ??= mergeTypeOf(items, owner, `${name}[]`);
      return itemType;
    },
  };
}

/** A model's fields; their types are made when they are first asked for. */
class ModelMap implements MergeMap {
  readonly isAtomic: boolean;
  readonly entries = undefined;
  readonly #owner: string;
  readonly #schema: ObjectSchema;
  readonly #types = new Map<string, MergeType>();

  constructor(model: string, isGranular: boolean) {
    this.#owner = unversioned(model);
    this.#schema = apiSchemas.get(model);
    this.isAtomic = !isGranular && (atomicStructs.has(this.#owner) || atomicStructs.has(model));
  }

  field(name: string): MergeType | undefined {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const field = this.#schema.fields.get(name);
    if (field === undefined) return undefined;
    const type = mergeTypeOf(field.type, this.#owner, name);
    this.#types.set(name, type);
    return type;
  }

  isAlwaysThere(name: string): boolean {
    const field = this.#schema.fields.get(name);
    return field !== undefined && (field.required || this.#isEmbedded(field));
  }

  #isEmbedded({ name, type }: FieldSchema): boolean {
    if (type.kind !== "object") return false;
    return name === "metadata" || embeddedStructs.has(`${this.#owner}.${name}`);
  }
}

const models = new Map<string, MergeType>();

function modelType(model: string, isGranular: boolean): MergeType {
  const key = isGranular ? `${model} granular` : model;
  const known = models.get(key);
  if (known !== undefined) return known;
  const made = { map: new ModelMap(model, isGranular) };
  models.set(key, made);
  return made;
}

/** The type of a built-in model, `V1Pod`. */
export function builtInMergeType(model: string): MergeType {
  return modelType(model, false);
}
