import { equalValues } from "./equality.ts";
import { type CelList, CelMap, type CelValue, type ListSemantics, ListValue } from "./values.ts";

/**
 * `left + right` of lists that are sets or maps: what `right` has takes the place of its equal, what is new comes at the
 * end (KEP 2876, "Equality and ordering of lists").
 */
export function mergedList(left: CelList, right: CelList, semantics: ListSemantics): ListValue {
  const items = [...left];
  for (const item of right) {
    const place = items.findIndex((other) => isSame(other, item, semantics));
    if (place < 0) items.push(item);
    else items[place] = item;
  }
  return new ListValue(items, semantics);
}

function isSame(left: CelValue, right: CelValue, { keys }: ListSemantics): boolean {
  if (keys === undefined) return equalValues(left, right);
  if (!(left instanceof CelMap && right instanceof CelMap)) return false;
  return keys.every((key) => {
    const one = left.get(key);
    const other = right.get(key);
    return one === undefined || other === undefined ? one === other : equalValues(one, other);
  });
}
