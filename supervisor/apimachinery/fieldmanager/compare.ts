/** What a write has changed, path by path (structured-merge-diff `typed/compare.go`). */
import { equalJson, isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { type FieldSet, leaf, nodeOf, noFields, union } from "./field-set.ts";
import {
  chooseForm,
  entryType,
  formOf,
  type MergeList,
  type MergeMap,
  type MergeType,
  untypedAtomic,
} from "./merge-type.ts";
import { fieldElement, itemElement } from "./path-element.ts";

export interface Comparison {
  /** What is there now and was not, or was different. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** The same within one node; undefined for no paths. */
interface Difference {
  readonly changed: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

const modified: Difference = { changed: leaf, removed: undefined };

/** Stands for a struct, list or scalar that is always there, and empty. */
const emptyValue: JsonObject = Object.freeze({});

function isNothing(value: JsonValue): boolean {
  if (typeof value !== "object" || value === null) return !value;
  for (const _ in value) return false;
  return true;
}

function isGranular(type: MergeType, value: JsonValue): boolean {
  const form = formOf(value);
  if (form === "list") return type.list !== undefined && type.list.type !== "atomic";
  return form === "map" && type.map !== undefined && !type.map.isAtomic;
}

/** All paths of a value that was not there before, its own among them. */
function allPaths(type: MergeType, value: JsonValue): FieldSet {
  if (isNothing(value) || !isGranular(type, value)) return leaf;
  const children: Array<readonly [string, FieldSet]> = [];
  if (Array.isArray(value)) {
    const list = type.list;
    if (list !== undefined) addItems(list, value, children);
  } else if (isJsonObject(value)) {
    for (const name of Object.keys(value)) {
      const field = value[name];
      if (field === undefined) continue;
      const fieldType = (type.map && entryType(type.map, name)) ?? untypedAtomic;
      children.push([fieldElement(name), allPaths(fieldType, field)]);
    }
  }
  return nodeOf(true, children) ?? leaf;
}

function addItems(
  list: MergeList,
  items: readonly JsonValue[],
  into: Array<readonly [string, FieldSet]>,
): void {
  for (const [element, group] of groupItems(list, items)) {
    const [item] = group;
    // Items that cannot be told apart have one owner for all of them.
    if (item !== undefined) into.push([element, group.length > 1 ? leaf : allPaths(list.items, item)]);
  }
}

function groupItems(list: MergeList, items: readonly JsonValue[]): Map<string, JsonValue[]> {
  const groups = new Map<string, JsonValue[]>();
  for (const item of items) {
    const element = itemElement(list, item);
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}

function compareLeaves(left: JsonValue, right: JsonValue): Difference | undefined {
  if (left === emptyValue) return isNothing(right) ? undefined : modified;
  return equalJson(left, right) ? undefined : modified;
}

function compareValues(type: MergeType, left: JsonValue, right: JsonValue): Difference | undefined {
  if (left === right) return undefined;
  const shown = right === null ? left : right;
  const form = chooseForm(type, shown);
  const isComparable =
    left === null || right === null || left === emptyValue || formOf(left) === formOf(right);
  if (!isComparable) return compareForms(type, right);
  if (form === "scalar" || (isNothing(left) && isNothing(right))) return compareLeaves(left, right);
  if (form === "map" && type.map !== undefined) return compareMaps(type.map, left, right);
  if (form === "list" && type.list !== undefined) return compareLists(type.list, left, right);
  return compareLeaves(left, right);
}

/** A value that has taken another of its forms: it is changed, and all within it is new. */
function compareForms(type: MergeType, right: JsonValue): Difference {
  return { changed: allPaths(type, right), removed: undefined };
}

class DifferenceBuilder {
  #changed: Array<readonly [string, FieldSet]> | undefined;
  #removed: Array<readonly [string, FieldSet]> | undefined;

  add(element: string, difference: Difference | undefined): void {
    if (difference === undefined) return;
    if (difference.changed !== undefined) this.addChanged(element, difference.changed);
    if (difference.removed !== undefined) this.addRemoved(element, difference.removed);
  }

  addChanged(element: string, node: FieldSet): void {
    this.#changed ??= [];
    this.#changed.push([element, node]);
  }

  addRemoved(element: string, node: FieldSet): void {
    this.#removed ??= [];
    this.#removed.push([element, node]);
  }

  build(): Difference | undefined {
    if (this.#changed === undefined && this.#removed === undefined) return undefined;
    return {
      changed: this.#changed && nodeOf(false, this.#changed),
      removed: this.#removed && nodeOf(false, this.#removed),
    };
  }
}

const noEntries: JsonObject = {};

function compareMaps(map: MergeMap, left: JsonValue, right: JsonValue): Difference | undefined {
  if (map.isAtomic) return compareLeaves(left, right);
  const before = isJsonObject(left) ? left : noEntries;
  const after = isJsonObject(right) ? right : noEntries;
  const found = new DifferenceBuilder();
  for (const name of Object.keys(after)) {
    const value = after[name];
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (value === undefined || value === old) continue;
    const type = entryType(map, name) ?? untypedAtomic;
    if (old !== undefined) found.add(fieldElement(name), compareValues(type, old, value));
    else if (map.isAlwaysThere?.(name)) found.add(fieldElement(name), compareValues(type, emptyValue, value));
    else found.addChanged(fieldElement(name), allPaths(type, value));
  }
  for (const name of Object.keys(before)) {
    const old = before[name];
    if (old === undefined || (Object.hasOwn(after, name) && after[name] !== undefined)) continue;
    const type = entryType(map, name) ?? untypedAtomic;
    const difference = map.isAlwaysThere?.(name) ? removedWithin(type, old) : allPaths(type, old);
    if (difference !== undefined) found.addRemoved(fieldElement(name), difference);
  }
  return found.build();
}

/** The paths of a struct that was emptied but stays. */
function removedWithin(type: MergeType, old: JsonValue): FieldSet | undefined {
  return compareValues(type, emptyValue, old)?.changed;
}

function compareLists(list: MergeList, left: JsonValue, right: JsonValue): Difference | undefined {
  if (list.type === "atomic") return compareLeaves(left, right);
  const before = Array.isArray(left) ? left : [];
  const after = Array.isArray(right) ? right : [];
  if (isSameInPlaces(list, before, after)) return undefined;
  const found = new DifferenceBuilder();
  const beforeGroups = groupItems(list, before);
  const afterGroups = groupItems(list, after);
  for (const [element, olds] of beforeGroups) {
    compareGroups(list, element, olds, afterGroups.get(element) ?? [], found);
  }
  for (const [element, items] of afterGroups) {
    if (!beforeGroups.has(element)) compareGroups(list, element, [], items, found);
  }
  return found.build();
}

/** Whether each item is where it was and as it was: the common case, told without naming the items. */
function isSameInPlaces(list: MergeList, before: readonly JsonValue[], after: readonly JsonValue[]): boolean {
  if (before.length !== after.length) return false;
  return before.every((item, index) => {
    const other = after[index];
    return other !== undefined && compareValues(list.items, item, other) === undefined;
  });
}

function compareGroups(
  list: MergeList,
  element: string,
  olds: readonly JsonValue[],
  items: readonly JsonValue[],
  found: DifferenceBuilder,
): void {
  const [old] = olds;
  const [item] = items;
  if (olds.length > 1 && items.length > 1) {
    if (!equalJson(olds, items)) found.addChanged(element, leaf);
  } else if (olds.length > 1) {
    if (item !== undefined) found.addChanged(element, allPaths(list.items, item));
    found.addRemoved(element, leaf);
  } else if (items.length > 1) {
    if (old !== undefined) found.addRemoved(element, allPaths(list.items, old));
    found.addChanged(element, leaf);
  } else if (old === undefined) {
    if (item !== undefined) found.addChanged(element, allPaths(list.items, item));
  } else if (item === undefined) found.addRemoved(element, allPaths(list.items, old));
  else found.add(element, compareValues(list.items, old, item));
}

/**
 * Compares two states of an object. `before` is undefined for an object that is being made. Throws a
 * `PathElementError` for a list whose items cannot be told apart.
 */
export function compareObjects(
  type: MergeType,
  before: JsonObject | undefined,
  after: JsonObject,
): Comparison {
  const difference = compareValues(type, before ?? emptyValue, after);
  return { changed: difference?.changed ?? noFields, removed: difference?.removed ?? noFields };
}

/** Everything that a comparison names. */
export function touched({ changed, removed }: Comparison): FieldSet {
  return union(changed, removed);
}
