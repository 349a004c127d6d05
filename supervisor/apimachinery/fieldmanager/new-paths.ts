/** The paths of what was not there before. */
import { isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { type FieldSet, leaf, NodeBuilder } from "./field-set.ts";
import { entryType, type MergeList, type MergeMap, type MergeType, untypedAtomic } from "./merge-type.ts";
import { fieldElement, itemElement } from "./path-element.ts";
import { sharedSet } from "./shared-sets.ts";

/** All paths of a value, its own among them. */
export function allPaths(type: MergeType, value: JsonValue): FieldSet {
  if (typeof value !== "object" || value === null) return leaf;
  if (Array.isArray(value))
    return type.list === undefined ? leaf : (pathsOfItems(type.list, value, true) ?? leaf);
  if (type.map === undefined) return leaf;
  return pathsOfEntries(type.map, value, true, allEntryPaths) ?? leaf;
}

function allEntryPaths(map: MergeMap, name: string, value: JsonValue): FieldSet {
  return typeof value === "object" ? allPaths(entryType(map, name) ?? untypedAtomic, value) : leaf;
}

/** The paths of a map's entry; undefined for none. */
export type EntryPaths = (map: MergeMap, name: string, value: JsonValue) => FieldSet | undefined;

/** The paths of a struct or map; `isMember` says whether its own is one of them. Undefined for none. */
export function pathsOfEntries(
  map: MergeMap,
  value: JsonObject,
  isMember: boolean,
  entryPaths: EntryPaths,
): FieldSet | undefined {
  if (map.isAtomic) return leaf;
  const names: string[] = [];
  const nodes: FieldSet[] = [];
  for (const name of Object.keys(value)) {
    const field = value[name];
    if (field === undefined) continue;
    const node = entryPaths(map, name, field);
    if (node === undefined) continue;
    names.push(name);
    nodes.push(node);
  }
  return sharedSet(map, { isMember, names, nodes }, () => {
    const builder = new NodeBuilder(isMember);
    for (const [index, name] of names.entries()) builder.add(fieldElement(name), nodes[index] ?? leaf);
    return builder.build();
  });
}

/** The paths of a list; `isMember` says whether its own is one of them. Undefined for none. */
export function pathsOfItems(
  list: MergeList,
  items: readonly JsonValue[],
  isMember: boolean,
): FieldSet | undefined {
  if (list.type === "atomic") return leaf;
  const names: Array<JsonValue | undefined> = [];
  const nodes: FieldSet[] = [];
  for (const item of items) {
    // What is no object has no keys, and is refused below.
    if (list.type === "map" && isJsonObject(item)) for (const key of list.keys) names.push(item[key]);
    else names.push(item);
    nodes.push(allPaths(list.items, item));
  }
  return sharedSet(list, { isMember, names, nodes }, () => {
    const builder = new NodeBuilder(isMember);
    for (const [index, item] of items.entries()) {
      const element = itemElement(list, item);
      // Items that cannot be told apart have one owner for all of them.
      if (builder.has(element)) builder.replace(element, leaf);
      else builder.add(element, nodes[index] ?? leaf);
    }
    return builder.build();
  });
}
