/**
 * What server-side apply must know of a type (structured-merge-diff's schema). Built-in models and the structural
 * schemas of custom resources each have an adapter that makes these; a type is made when it is first asked for, since
 * types may contain themselves.
 */
import type { JsonValue } from "../json/json-value.ts";

export type ScalarForm = "string" | "numeric" | "boolean" | "untyped";

/** The forms that a value may have: mostly one, several where the type does not tell. */
export interface MergeType {
  readonly scalar?: ScalarForm;
  readonly list?: MergeList;
  readonly map?: MergeMap;
}

export interface MergeList {
  /** `atomic`: one value with one owner; `set`: scalars, each with owners; `map`: objects told apart by their keys. */
  readonly type: "atomic" | "set" | "map";
  /** In alphabetical order; for `map` only. */
  readonly keys: readonly string[];
  readonly items: MergeType;
  /** What a key is where an item leaves it out. */
  readonly keyDefaults: Readonly<Record<string, JsonValue>>;
}

/** A struct, a map of names to values, or both in one. */
export interface MergeMap {
  /** One value with one owner. */
  readonly isAtomic: boolean;
  /** The type of a field that is declared by its name. */
  field(name: string): MergeType | undefined;
  /** The type of all other entries; undefined where there are none. */
  readonly entries: MergeType | undefined;
  /** Whether the field is there also where nobody gave it: as an empty value that nobody owns. */
  isAlwaysThere?(name: string): boolean;
}

const noDefaults = {};

/** Anything, as one value. */
export const untypedAtomic: MergeType = {
  scalar: "untyped",
  get list(): MergeList {
    return { type: "atomic", keys: [], items: untypedAtomic, keyDefaults: noDefaults };
  },
  get map(): MergeMap {
    return { isAtomic: true, field: () => undefined, entries: untypedAtomic };
  },
};

/** A value whose type is read off it: lists are atomic, the entries of maps are owned one by one. */
export const deducedType: MergeType = {
  scalar: "untyped",
  list: { type: "atomic", keys: [], items: untypedAtomic, keyDefaults: noDefaults },
  get map(): MergeMap {
    return deducedMap;
  },
};

const deducedMap: MergeMap = { isAtomic: false, field: () => undefined, entries: deducedType };

type Form = "scalar" | "list" | "map";

/** The form of a value; undefined for null, which fits every type. */
export function formOf(value: JsonValue | undefined): Form | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "object") return "scalar";
  return Array.isArray(value) ? "list" : "map";
}

/** The form in which a type takes a value: the value's own, else the first that the type has. */
export function chooseForm(type: MergeType, value: JsonValue | undefined): Form | undefined {
  const form = formOf(value);
  if (form !== undefined && type[form] !== undefined) return form;
  if (type.map !== undefined) return "map";
  return type.scalar === undefined ? "list" : "scalar";
}

/** The type of a map's entry. */
export function entryType(map: MergeMap, name: string): MergeType | undefined {
  return map.field(name) ?? map.entries;
}
