import { equalJson, isJsonObject, type JsonValue } from "../json/json-value.ts";

/** What identifies an item: the value of its merge key, or itself. */
function identity(item: JsonValue, mergeKey: string): JsonValue | undefined {
  return mergeKey !== "" && isJsonObject(item) ? item[mergeKey] : item;
}

function indexIn(list: readonly JsonValue[], item: JsonValue, mergeKey: string): number {
  const wanted = identity(item, mergeKey);
  return list.findIndex((other) => equalJson(identity(other, mergeKey), wanted));
}

/**
 * Orders a merged list as `$setElementOrder` says. Items that it does not name keep their places among each other, and
 * stand before those that followed them in the list as it was.
 */
export function orderMergedList(
  merged: readonly JsonValue[],
  before: readonly JsonValue[],
  order: readonly JsonValue[],
  mergeKey: string,
): JsonValue[] {
  const rank = (item: JsonValue) => indexIn(order, item, mergeKey);
  const place = (item: JsonValue) => indexIn(before, item, mergeKey);
  const named = merged.filter((item) => rank(item) >= 0).sort((left, right) => rank(left) - rank(right));
  const others = merged.filter((item) => rank(item) < 0);
  const result: JsonValue[] = [];
  for (const item of named) {
    const limit = place(item);
    while (others[0] !== undefined && limit >= 0 && place(others[0]) < limit) {
      const next = others.shift();
      if (next !== undefined) result.push(next);
    }
    result.push(item);
  }
  return [...result, ...others];
}
