/** The order of merged lists (apimachinery `strategicpatch`, `normalizeElementOrder`). */
import { isJsonObject, type JsonValue } from "../json/json-value.ts";

/** What identifies an item: the value of its merge key, or itself. */
function identity(item: JsonValue, mergeKey: string): JsonValue | undefined {
  return mergeKey !== "" && isJsonObject(item) ? item[mergeKey] : item;
}

/** The places of a list's items by what identifies them; the first counts. */
function placesIn(list: readonly JsonValue[], mergeKey: string): ReadonlyMap<JsonValue | undefined, number> {
  const places = new Map<JsonValue | undefined, number>();
  for (const [index, item] of list.entries()) {
    const key = identity(item, mergeKey);
    if (!places.has(key)) places.set(key, index);
  }
  return places;
}

/**
 * Orders a merged list: the items that `order` names as it names them, all others as they stood `before`. The others
 * come in front of the first named item that they stood in front of, and last where there is none.
 */
export function orderMergedList(
  merged: readonly JsonValue[],
  before: readonly JsonValue[],
  order: readonly JsonValue[],
  mergeKey: string,
): JsonValue[] {
  const ranks = placesIn(order, mergeKey);
  const places = placesIn(before, mergeKey);
  const rank = (item: JsonValue) => ranks.get(identity(item, mergeKey));
  const place = (item: JsonValue) => places.get(identity(item, mergeKey));
  const named = merged
    .filter((item) => rank(item) !== undefined)
    .sort((left, right) => (rank(left) ?? 0) - (rank(right) ?? 0));
  const others = merged
    .filter((item) => rank(item) === undefined)
    .sort((left, right) => (place(left) ?? 0) - (place(right) ?? 0));
  const result: JsonValue[] = [];
  let next = 0;
  for (const item of named) {
    const limit = place(item);
    for (let other = others[next]; other !== undefined && limit !== undefined; other = others[next]) {
      const otherPlace = place(other);
      if (otherPlace === undefined || otherPlace >= limit) break;
      result.push(other);
      next++;
    }
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}
