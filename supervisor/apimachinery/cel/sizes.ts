import { CelList, CelMap, CelOptional, type CelValue } from "./values.ts";

/** What reading a character costs, and one of a regular expression (cel-go `common/cost.go`). */
const stringTraversalFactor = 0.1;
export const regexLengthFactor = 0.25;

/** The code points of a text. */
export function lengthOf(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(index + 1);
    if (next >= 0xdc00 && next <= 0xdfff) count--;
  }
  return count;
}

/** The size of what has one, else 1. */
export function costSize(value: CelValue | undefined): number {
  if (typeof value === "string") return lengthOf(value);
  if (value instanceof CelList || value instanceof CelMap) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof CelOptional && value.value !== undefined) return costSize(value.value);
  return 1;
}

/** The cost of reading `size` characters `times` times. */
export function traversal(size: number, times = 1): number {
  return Math.ceil(size * times * stringTraversalFactor);
}

/** The cost of a call that reads its first argument once. */
export function readsFirst(args: readonly CelValue[]): number {
  return traversal(costSize(args[0]));
}

/** The cost of walking through a value with all that is in it (apiserver `cel/library/cost.go`, `traversalCost`). */
export function walkCost(value: CelValue): number {
  if (typeof value === "string") return Math.floor(Buffer.byteLength(value) * stringTraversalFactor);
  if (value instanceof Uint8Array) return Math.floor(value.length * stringTraversalFactor);
  if (value instanceof CelList) {
    let cost = 0;
    for (const item of value) cost += walkCost(item);
    return cost;
  }
  if (!(value instanceof CelMap)) return 1;
  let cost = 0;
  for (const key of value.keys()) cost += walkCost(key) + walkCost(value.get(key) ?? null);
  return cost;
}
