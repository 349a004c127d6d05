/** The paths that an applied configuration owns: its leaves and items (structured-merge-diff `typed/tofieldset.go`). */
import { isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { type FieldSet, leaf, NodeBuilder, noFields } from "./field-set.ts";
import { chooseForm, type MergeList, type MergeMap, type MergeType, untypedAtomic } from "./merge-type.ts";
import { fieldElement, itemElement } from "./path-element.ts";

/** A value's node; `isItem` for those that are in the set themselves beside what is in them. */
function nodeFor(type: MergeType, value: JsonValue, isItem: boolean): FieldSet | undefined {
  const form = chooseForm(type, value);
  if (value === null || form === "scalar") return leaf;
  if (form === "map" && type.map !== undefined && isJsonObject(value)) {
    if (type.map.isAtomic || Object.keys(value).length === 0) return leaf;
    return fieldsOf(type.map, value, isItem);
  }
  if (form === "list" && type.list !== undefined && Array.isArray(value)) {
    return type.list.type === "atomic" ? leaf : itemsOf(type.list, value, isItem);
  }
  return leaf;
}

function fieldsOf(map: MergeMap, value: JsonObject, isItem: boolean): FieldSet | undefined {
  const builder = new NodeBuilder(isItem);
  for (const name of Object.keys(value)) {
    const field = value[name];
    if (field === undefined) continue;
    const declared = map.field(name);
    const node = nodeFor(declared ?? map.entries ?? untypedAtomic, field, declared === undefined);
    if (node !== undefined) builder.add(fieldElement(name), node);
  }
  return builder.build();
}

function itemsOf(list: MergeList, items: readonly JsonValue[], isItem: boolean): FieldSet | undefined {
  const nodes = new Map<string, FieldSet>();
  for (const item of items) {
    const element = itemElement(list, item);
    const isRepeated = nodes.has(element);
    nodes.set(element, isRepeated ? leaf : (nodeFor(list.items, item, true) ?? leaf));
  }
  const builder = new NodeBuilder(isItem);
  for (const [element, node] of nodes) builder.add(element, node);
  return builder.build();
}

export function ownedFields(type: MergeType, object: JsonObject): FieldSet {
  return (type.map && fieldsOf(type.map, object, false)) ?? noFields;
}
