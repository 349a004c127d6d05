/** Merges an applied configuration into the live object (structured-merge-diff `typed/merge.go`). */
import { isJsonObject, type JsonObject, type JsonValue, setField } from "../json/json-value.ts";
import {
  chooseForm,
  entryType,
  type MergeList,
  type MergeMap,
  type MergeType,
  untypedAtomic,
} from "./merge-type.ts";
import { itemElement } from "./path-element.ts";

function isEmptyOrAbsent(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}

/** The applied value wins; undefined where nothing is left. */
function mergeValues(
  type: MergeType,
  live: JsonValue | undefined,
  applied: JsonValue | undefined,
): JsonValue | undefined {
  const form = chooseForm(type, applied ?? live);
  const isLeaf = form === "scalar" || (isEmptyOrAbsent(live) && isEmptyOrAbsent(applied));
  if (!isLeaf && form === "map" && type.map !== undefined && !type.map.isAtomic) {
    return mergeMaps(type.map, live, applied);
  }
  if (!isLeaf && form === "list" && type.list !== undefined && type.list.type !== "atomic") {
    return mergeLists(type.list, live, applied);
  }
  return applied === undefined ? live : applied;
}

function mergeMaps(
  map: MergeMap,
  live: JsonValue | undefined,
  applied: JsonValue | undefined,
): JsonObject | undefined {
  const before = isJsonObject(live) ? live : {};
  const wanted = isJsonObject(applied) ? applied : {};
  const merged: JsonObject = {};
  let isEmpty = true;
  for (const name of new Set([...Object.keys(before), ...Object.keys(wanted)])) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    const next = Object.hasOwn(wanted, name) ? wanted[name] : undefined;
    const value = mergeValues(entryType(map, name) ?? untypedAtomic, old, next);
    if (value === undefined) continue;
    setField(merged, name, value);
    isEmpty = false;
  }
  return isEmpty ? undefined : merged;
}

/** Items by their step; one that is there several times is not merged with anything. */
function indexItems(list: MergeList, items: readonly JsonValue[]) {
  const elements = items.map((item) => itemElement(list, item));
  const values = new Map<string, JsonValue | undefined>();
  for (const [index, element] of elements.entries()) {
    values.set(element, values.has(element) ? undefined : items[index]);
  }
  return { elements, values };
}

/**
 * The merged list has the applied order. Live items that are not applied keep their places among each other, and stay
 * where they are between items that both have.
 */
function mergeLists(
  list: MergeList,
  live: JsonValue | undefined,
  applied: JsonValue | undefined,
): JsonValue[] | undefined {
  const before = Array.isArray(live) ? live : [];
  const old = indexItems(list, before);
  const wanted = indexItems(list, Array.isArray(applied) ? applied : []);
  const result: JsonValue[] = [];
  const take = (value: JsonValue | undefined): void => void (value === undefined || result.push(value));
  const takeApplied = (element: string): void => {
    done.add(element);
    take(mergeValues(list.items, old.values.get(element), wanted.values.get(element)));
  };
  const done = new Set<string>();
  const shared = wanted.elements.filter((element) => old.values.has(element));
  let left = 0;
  let right = 0;
  let nextShared = 0;
  while (left < old.elements.length || right < wanted.elements.length) {
    const liveElement = old.elements[left];
    const appliedElement = wanted.elements[right];
    if (liveElement !== undefined && liveElement === appliedElement) {
      takeApplied(liveElement);
      left++;
      right++;
      nextShared++;
      continue;
    }
    const isShared = liveElement !== undefined && wanted.values.has(liveElement);
    const awaited = shared[nextShared];
    if (isShared && appliedElement !== undefined && awaited !== undefined && awaited !== liveElement) {
      left++;
      continue;
    }
    if (liveElement !== undefined && !isShared) {
      take(before[left]);
      left++;
      continue;
    }
    if (liveElement !== undefined && done.has(liveElement)) left++;
    if (appliedElement === undefined) continue;
    takeApplied(appliedElement);
    right++;
    if (awaited === appliedElement) nextShared++;
  }
  return result.length === 0 ? undefined : result;
}

/** The live object with the applied configuration in it; parts may be those of either. */
export function mergeObjects(type: MergeType, live: JsonObject, applied: JsonObject): JsonObject {
  const merged = mergeValues(type, live, applied);
  return isJsonObject(merged) ? merged : {};
}
