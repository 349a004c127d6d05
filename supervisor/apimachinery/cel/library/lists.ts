/** Kubernetes' lists and cel-go's (apiserver `cel/library/lists.go`; cel-go `ext/lists.go`, version 3). */
import { add } from "../arithmetic.ts";
import { CelError } from "../cel-error.ts";
import { type CallCost, declare, type FunctionDeclaration, type Library } from "../declarations.ts";
import { compareValues, equalValues } from "../equality.ts";
import { walkCost } from "../sizes.ts";
import { CelDuration, CelList, CelOptional, CelUint, type CelValue, ListValue } from "../values.ts";
import { integer, list } from "./arguments.ts";

const comparable = ["int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"];

const wholeList: CallCost = ([values]) => walkCost(values ?? null);

function ordered(left: CelValue, right: CelValue): number {
  const order = compareValues(left, right);
  if (order === undefined) throw new CelError("no such overload");
  return order;
}

function isSorted(values: CelList): boolean {
  for (let index = 1; index < values.size; index++) {
    if (ordered(values.at(index - 1), values.at(index)) > 0) return false;
  }
  return true;
}

function extreme(values: CelList, name: string, wins: (order: number) => boolean): CelValue {
  if (values.size === 0) throw new CelError(`${name} called on empty list`);
  let best = values.at(0);
  for (const value of values) if (wins(ordered(value, best))) best = value;
  return best;
}

function positionOf(values: CelList, wanted: CelValue): bigint {
  for (let index = 0; index < values.size; index++)
    if (equalValues(values.at(index), wanted)) return BigInt(index);
  return -1n;
}

function lastPositionOf(values: CelList, wanted: CelValue): bigint {
  for (let index = values.size - 1; index >= 0; index--) {
    if (equalValues(values.at(index), wanted)) return BigInt(index);
  }
  return -1n;
}

/** One overload for each type of items. */
function forItems(
  types: readonly string[],
  result: (type: string) => string,
  implement: (values: CelList, type: string) => CelValue,
) {
  return Object.fromEntries(
    types.map((type) => [
      `list(${type}).() -> ${result(type)}`,
      ([values]: readonly CelValue[]) => implement(list(values), type),
    ]),
  );
}

const zeros: Readonly<Record<string, CelValue>> = {
  int: 0n,
  uint: new CelUint(0n),
  double: 0,
  duration: new CelDuration(0n),
};

function sum(values: CelList, zero: CelValue): CelValue {
  let total: CelValue | undefined;
  for (const value of values) total = total === undefined ? value : add(total, value);
  return total ?? zero;
}

const kubernetes: readonly FunctionDeclaration[] = [
  declare(
    "isSorted",
    forItems(comparable, () => "bool", isSorted),
    wholeList,
  ),
  declare(
    "sum",
    forItems(
      Object.keys(zeros),
      (type) => type,
      (values, type) => sum(values, zeros[type] ?? 0n),
    ),
    wholeList,
  ),
  declare(
    "min",
    forItems(
      comparable,
      (type) => type,
      (values) => extreme(values, "min", (order) => order < 0),
    ),
    wholeList,
  ),
  declare(
    "max",
    forItems(
      comparable,
      (type) => type,
      (values) => extreme(values, "max", (order) => order > 0),
    ),
    wholeList,
  ),
  declare(
    "indexOf",
    { "list(A).(A) -> int": ([values, wanted]) => positionOf(list(values), wanted ?? null) },
    wholeList,
  ),
  declare(
    "lastIndexOf",
    { "list(A).(A) -> int": ([values, wanted]) => lastPositionOf(list(values), wanted ?? null) },
    wholeList,
  ),
];

function slice(values: CelList, start: number, end: number): ListValue {
  if (start < 0 || end < 0)
    throw new CelError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end)
    throw new CelError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > values.size) throw new CelError(`cannot slice(${start}, ${end}), list is length ${values.size}`);
  return new ListValue(Array.from(values).slice(start, end));
}

function flatten(values: CelList, depth: number): ListValue {
  if (depth < 0) throw new CelError("level must be non-negative");
  const items = Array.from(values).flatMap((value) =>
    value instanceof CelList
      ? depth > 1
        ? Array.from(flatten(value, depth - 1))
        : Array.from(value)
      : [value],
  );
  return new ListValue(depth === 0 ? Array.from(values) : items);
}

function distinct(values: CelList): ListValue {
  const seen = new Set<CelValue>();
  const items: CelValue[] = [];
  for (const value of values) {
    const isPlain = typeof value === "string" || typeof value === "boolean";
    const known = isPlain ? seen.has(value) : items.some((other) => equalValues(other, value));
    if (known) continue;
    seen.add(value);
    items.push(value);
  }
  return new ListValue(items);
}

/** `keys` has as many items as `values`. */
function sortedBy(values: CelList, keys: CelList): ListValue {
  const order = Array.from(keys, (key, index) => ({ key, index }));
  order.sort((left, right) => ordered(left.key, right.key));
  return new ListValue(order.map(({ index }) => values.at(index)));
}

const maxRange = 1_000_000;

function range(count: number): ListValue {
  if (count > maxRange) throw new CelError(`range(${count}) is too large`);
  return new ListValue(Array.from({ length: Math.max(count, 0) }, (_, index) => BigInt(index)));
}

function element(values: CelList, index: number): CelOptional {
  return values.size === 0 ? CelOptional.none : new CelOptional(values.at(index));
}

/** The cost of functions that make a new list. */
const newList: CallCost = ([values], result) =>
  10 + (values instanceof CelList ? values.size : 0) + (result instanceof CelList ? result.size : 0);
/** Looking for the equal of each item. */
const quadratic: CallCost = ([values]) => 10 + (values instanceof CelList ? values.size ** 2 : 1);

const extension: readonly FunctionDeclaration[] = [
  declare(
    "slice",
    {
      "list(A).(int, int) -> list(A)": ([values, start, end]) =>
        slice(list(values), integer(start), integer(end)),
    },
    newList,
  ),
  declare(
    "flatten",
    {
      "list(list(A)).() -> list(A)": ([values]) => flatten(list(values), 1),
      "list(dyn).(int) -> list(dyn)": ([values, depth]) => flatten(list(values), integer(depth)),
    },
    newList,
  ),
  declare("lists.range", { "(int) -> list(int)": ([count]) => range(integer(count)) }, newList),
  declare("distinct", { "list(A).() -> list(A)": ([values]) => distinct(list(values)) }, quadratic),
  declare(
    "reverse",
    { "list(A).() -> list(A)": ([values]) => new ListValue(Array.from(list(values)).reverse()) },
    newList,
  ),
  declare(
    "sort",
    forItems(
      comparable,
      (type) => `list(${type})`,
      (values) => sortedBy(values, values),
    ),
    newList,
  ),
  declare(
    "@sortByAssociatedKeys",
    Object.fromEntries(
      comparable.map((type) => [
        `list(A).(list(${type})) -> list(A)`,
        ([values, keys]: readonly CelValue[]) => sortedBy(list(values), list(keys)),
      ]),
    ),
    newList,
  ),
  declare("first", { "list(A).() -> optional(A)": ([values]) => element(list(values), 0) }),
  declare("last", {
    "list(A).() -> optional(A)": ([values]) => element(list(values), list(values).size - 1),
  }),
];

export const listsLibrary: Library = { functions: [...kubernetes, ...extension] };
