/** Takes paths out of an object (structured-merge-diff `typed/remove.go` and `Set.EnsureNamedFieldsAreMembers`). */
import { isJsonObject, type JsonObject, type JsonValue, setField } from "../json/json-value.ts";
import { below, type FieldSet, hasElement, isEmpty, NodeBuilder, noFields } from "./field-set.ts";
import { entryType, type MergeList, type MergeMap, type MergeType, untypedAtomic } from "./merge-type.ts";
import { fieldElement, itemElement } from "./path-element.ts";

function withoutPaths(type: MergeType, value: JsonValue, paths: FieldSet): JsonValue | undefined {
  if (isJsonObject(value) && type.map !== undefined) return withoutEntries(type.map, value, paths);
  if (Array.isArray(value) && type.list !== undefined) return withoutItems(type.list, value, paths);
  return value;
}

/** The entries that stay; undefined where none does, or where the map is one value. */
function withoutEntries(map: MergeMap, value: JsonObject, paths: FieldSet): JsonObject | undefined {
  if (map.isAtomic) return undefined;
  const rest: JsonObject = {};
  let isNothing = true;
  for (const name of Object.keys(value)) {
    const field = value[name];
    const element = fieldElement(name);
    if (field === undefined || hasElement(paths, element)) continue;
    const inner = below(paths, element);
    const kept = isEmpty(inner)
      ? field
      : (withoutPaths(entryType(map, name) ?? untypedAtomic, field, inner) ?? null);
    setField(rest, name, kept);
    isNothing = false;
  }
  return isNothing ? undefined : rest;
}

function withoutItems(
  list: MergeList,
  items: readonly JsonValue[],
  paths: FieldSet,
): JsonValue[] | undefined {
  if (list.type === "atomic") return undefined;
  const rest: JsonValue[] = [];
  for (const item of items) {
    const element = itemElement(list, item);
    if (hasElement(paths, element)) continue;
    const inner = below(paths, element);
    rest.push(isEmpty(inner) ? item : (withoutPaths(list.items, item, inner) ?? null));
  }
  return rest.length === 0 ? undefined : rest;
}

/** The object without what the paths name; what is left is shared with it. */
export function removePaths(type: MergeType, object: JsonObject, paths: FieldSet): JsonObject {
  if (isEmpty(paths)) return object;
  const rest = withoutPaths(type, object, paths);
  return isJsonObject(rest) ? rest : {};
}

/** The same paths, and those of the declared fields on the way to them. */
export function withNamedFields(type: MergeType | undefined, set: FieldSet): FieldSet {
  return isEmpty(set) ? noFields : (namedNode(type, set, false) ?? noFields);
}

function namedNode(type: MergeType | undefined, node: FieldSet, isField: boolean): FieldSet | undefined {
  const builder = new NodeBuilder(isField || node["."] !== undefined || isEmpty(node));
  for (const [element, child] of Object.entries(node)) {
    if (element === ".") continue;
    const name = element.startsWith("f:") ? element.slice(2) : undefined;
    const childType = name === undefined ? type?.list?.items : type?.map && entryType(type.map, name);
    const isDeclared = name !== undefined && type?.map?.field(name) !== undefined;
    const named = namedNode(childType, child, isDeclared);
    if (named !== undefined) builder.add(element, named);
  }
  return builder.build();
}
