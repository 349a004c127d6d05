/** What a write has changed, path by path (structured-merge-diff `typed/compare.go`). */
import { equalJson, isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import {
  type FieldSet,
  hasElement,
  leaf,
  NodeBuilder,
  noFields,
  recursiveDifference,
  union,
} from "./field-set.ts";
import {
  chooseForm,
  entryType,
  formOf,
  type MergeList,
  type MergeMap,
  type MergeType,
  untypedAtomic,
} from "./merge-type.ts";
import { allPaths, pathsOfEntries, pathsOfItems } from "./new-paths.ts";
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

/** The paths of all entries of what was empty; `ignored` names those that are not looked at. */
function newEntries(map: MergeMap, value: JsonObject, ignored: FieldSet): FieldSet | undefined {
  if (ignored === noFields) return pathsOfEntries(map, value, false, newEntryPaths);
  return pathsOfEntries(map, value, false, (_map, name, entry) =>
    isIgnored(ignored, name) ? undefined : newEntryPaths(map, name, entry),
  );
}

function newEntryPaths(map: MergeMap, name: string, value: JsonValue): FieldSet | undefined {
  const type = entryType(map, name) ?? untypedAtomic;
  return map.isAlwaysThere?.(name) ? pathsWithin(type, value) : allPaths(type, value);
}

/** The paths within a value that was always there, and empty. */
function pathsWithin(type: MergeType, value: JsonValue): FieldSet | undefined {
  if (type.map !== undefined && isJsonObject(value) && !isNothing(value))
    return newEntries(type.map, value, noFields);
  if (type.list !== undefined && Array.isArray(value) && value.length > 0)
    return pathsOfItems(type.list, value, false);
  return compareValues(type, emptyValue, value)?.changed;
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
  #changed: NodeBuilder | undefined;
  #removed: NodeBuilder | undefined;

  add(element: string, difference: Difference | undefined): void {
    if (difference === undefined) return;
    if (difference.changed !== undefined) this.addChanged(element, difference.changed);
    if (difference.removed !== undefined) this.addRemoved(element, difference.removed);
  }

  addChanged(element: string, node: FieldSet): void {
    this.#changed ??= new NodeBuilder(false);
    this.#changed.add(element, node);
  }

  addRemoved(element: string, node: FieldSet): void {
    this.#removed ??= new NodeBuilder(false);
    this.#removed.add(element, node);
  }

  build(): Difference | undefined {
    if (this.#changed === undefined && this.#removed === undefined) return undefined;
    return { changed: this.#changed?.build(), removed: this.#removed?.build() };
  }
}

const noEntries: JsonObject = {};

function compareMaps(map: MergeMap, left: JsonValue, right: JsonValue): Difference | undefined {
  if (map.isAtomic) return compareLeaves(left, right);
  return compareEntries(map, isJsonObject(left) ? left : noEntries, isJsonObject(right) ? right : noEntries);
}

/** `ignored` names entries that are not looked at. */
function compareEntries(
  map: MergeMap,
  before: JsonObject,
  after: JsonObject,
  ignored: FieldSet = noFields,
): Difference | undefined {
  const found = new DifferenceBuilder();
  for (const name of Object.keys(after)) {
    const value = after[name];
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (value === undefined || value === old || isIgnored(ignored, name)) continue;
    const type = entryType(map, name) ?? untypedAtomic;
    if (old !== undefined) found.add(fieldElement(name), compareValues(type, old, value));
    else if (map.isAlwaysThere?.(name)) {
      const within = pathsWithin(type, value);
      if (within !== undefined) found.addChanged(fieldElement(name), within);
    } else found.addChanged(fieldElement(name), allPaths(type, value));
  }
  for (const name of Object.keys(before)) {
    const old = before[name];
    const isThere = Object.hasOwn(after, name) && after[name] !== undefined;
    if (old === undefined || isThere || isIgnored(ignored, name)) continue;
    const type = entryType(map, name) ?? untypedAtomic;
    const difference = map.isAlwaysThere?.(name) ? pathsWithin(type, old) : allPaths(type, old);
    if (difference !== undefined) found.addRemoved(fieldElement(name), difference);
  }
  return found.build();
}

function isIgnored(ignored: FieldSet, name: string): boolean {
  return ignored !== noFields && hasElement(ignored, fieldElement(name));
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
 * Compares two states of an object, but for the paths that are `ignored` and what is below them. `before` is undefined
 * for an object that is being made. Throws a `PathElementError` for a list whose items cannot be told apart.
 */
export function compareObjects(
  type: MergeType,
  before: JsonObject | undefined,
  after: JsonObject,
  ignored: FieldSet = noFields,
): Comparison {
  if (type.map === undefined) return { changed: noFields, removed: noFields };
  const difference =
    before === undefined
      ? { changed: newEntries(type.map, after, ignored), removed: undefined }
      : compareEntries(type.map, before, after, ignored);
  const { changed = noFields, removed = noFields } = difference ?? {};
  return {
    changed: recursiveDifference(changed, ignored),
    removed: recursiveDifference(removed, ignored),
  };
}

/** Everything that a comparison names. */
export function touched({ changed, removed }: Comparison): FieldSet {
  return union(changed, removed);
}
