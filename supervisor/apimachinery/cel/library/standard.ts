/** What every CEL has (cel-spec, "Standard Definitions"; cel-go `common/stdlib`). */
import { add, divide, modulo, multiply, negate, subtract } from "../arithmetic.ts";
import { CelError } from "../cel-error.ts";
import { declare, declareOperator, type FunctionDeclaration, type Library } from "../declarations.ts";
import { compareValues, equalValues } from "../equality.ts";
import { matchesRegex } from "../regex.ts";
import { costSize, lengthOf, readsFirst, regexLengthFactor, traversal } from "../sizes.ts";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  stringType,
  timestampType,
  uintType,
} from "../types.ts";
import { CelList, CelMap, CelTypeValue, type CelValue, typeNameOf } from "../values.ts";
import { text } from "./arguments.ts";
import { conversions } from "./conversions.ts";
import { timeAccessors } from "./time-accessors.ts";

function binary(operate: (left: CelValue, right: CelValue) => CelValue) {
  return (args: readonly CelValue[]): CelValue => operate(args[0] ?? null, args[1] ?? null);
}

/** What comparing or joining two values costs. */
function smallerTraversal([left, right]: readonly CelValue[]): number {
  return traversal(Math.min(costSize(left), costSize(right)));
}

function comparison(name: string, holds: (order: number) => boolean): FunctionDeclaration {
  const numbers = ["int", "uint", "double"];
  const pairs = numbers.flatMap((left) => numbers.map((right) => `(${left}, ${right}) -> bool`));
  const same = ["bool", "string", "bytes", "timestamp", "duration"].map(
    (type) => `(${type}, ${type}) -> bool`,
  );
  const compare = (left: CelValue, right: CelValue): boolean => {
    const order = compareValues(left, right);
    if (order === undefined) throw new CelError("no such overload");
    return holds(order);
  };
  const cost = (args: readonly CelValue[]) =>
    typeof args[0] === "string" || args[0] instanceof Uint8Array ? smallerTraversal(args) : 1;
  return declareOperator(name, [...same, ...pairs], binary(compare), cost);
}

function isIn(item: CelValue, container: CelValue): boolean {
  if (container instanceof CelMap) return container.has(item);
  if (!(container instanceof CelList)) throw new CelError("no such overload");
  for (const other of container) if (equalValues(item, other)) return true;
  return false;
}

function sizeOf([value]: readonly CelValue[]): bigint {
  if (typeof value === "string") return BigInt(lengthOf(value));
  if (value instanceof Uint8Array) return BigInt(value.length);
  if (value instanceof CelList || value instanceof CelMap) return BigInt(value.size);
  throw new CelError("no such overload");
}

const arithmetic: readonly FunctionDeclaration[] = [
  declareOperator(
    "_+_",
    [
      "(bytes, bytes) -> bytes",
      "(double, double) -> double",
      "(duration, duration) -> duration",
      "(duration, timestamp) -> timestamp",
      "(timestamp, duration) -> timestamp",
      "(int, int) -> int",
      "(list(A), list(A)) -> list(A)",
      "(string, string) -> string",
      "(uint, uint) -> uint",
    ],
    binary(add),
    ([left, right]) =>
      typeof left === "string" || left instanceof Uint8Array
        ? traversal(costSize(left) + costSize(right))
        : 1,
  ),
  declareOperator(
    "_-_",
    [
      "(double, double) -> double",
      "(duration, duration) -> duration",
      "(int, int) -> int",
      "(timestamp, duration) -> timestamp",
      "(timestamp, timestamp) -> duration",
      "(uint, uint) -> uint",
    ],
    binary(subtract),
  ),
  declareOperator(
    "_*_",
    ["(double, double) -> double", "(int, int) -> int", "(uint, uint) -> uint"],
    binary(multiply),
  ),
  declareOperator(
    "_/_",
    ["(double, double) -> double", "(int, int) -> int", "(uint, uint) -> uint"],
    binary(divide),
  ),
  declareOperator("_%_", ["(int, int) -> int", "(uint, uint) -> uint"], binary(modulo)),
  declareOperator("-_", ["(double) -> double", "(duration) -> duration", "(int) -> int"], ([value]) =>
    negate(value ?? null),
  ),
];

const relations: readonly FunctionDeclaration[] = [
  declareOperator("_==_", ["(A, A) -> bool"], binary(equalValues), smallerTraversal),
  declareOperator(
    "_!=_",
    ["(A, A) -> bool"],
    binary((left, right) => !equalValues(left, right)),
    smallerTraversal,
  ),
  comparison("_<_", (order) => order < 0),
  comparison("_<=_", (order) => order <= 0),
  comparison("_>_", (order) => order > 0),
  comparison("_>=_", (order) => order >= 0),
  declareOperator("@in", ["(A, list(A)) -> bool", "(A, map(A, B)) -> bool"], binary(isIn), ([, container]) =>
    container instanceof CelList ? container.size : 1,
  ),
];

/** Known to the checker; the planner makes them itself. */
const planned: readonly FunctionDeclaration[] = [
  declareOperator("_?_:_", ["(bool, A, A) -> A"], () => null),
  declareOperator("_&&_", ["(bool, bool) -> bool"], () => null),
  declareOperator("_||_", ["(bool, bool) -> bool"], () => null),
  declareOperator("@not_strictly_false", ["(bool) -> bool"], () => null),
  declareOperator("_[_]", ["(list(A), int) -> A", "(map(A, B), A) -> B"], () => null),
];

function matchCost([subject, pattern]: readonly CelValue[]): number {
  return traversal(1 + costSize(subject)) * Math.ceil(costSize(pattern) * regexLengthFactor);
}

const matches = (args: readonly CelValue[]) => matchesRegex(text(args[0]), text(args[1]));

const texts: readonly FunctionDeclaration[] = [
  declare(
    "contains",
    { "string.(string) -> bool": ([subject, part]) => text(subject).includes(text(part)) },
    ([subject, part]) => traversal(costSize(subject)) * traversal(costSize(part)),
  ),
  declare(
    "startsWith",
    { "string.(string) -> bool": ([subject, part]) => text(subject).startsWith(text(part)) },
    readsFirst,
  ),
  declare(
    "endsWith",
    { "string.(string) -> bool": ([subject, part]) => text(subject).endsWith(text(part)) },
    readsFirst,
  ),
  declare("matches", { "(string, string) -> bool": matches, "string.(string) -> bool": matches }, matchCost),
];

const sized = ["bytes", "list(A)", "map(A, B)", "string"];

const others: readonly FunctionDeclaration[] = [
  declareOperator("!_", ["(bool) -> bool"], ([value]) => {
    if (typeof value !== "boolean") throw new CelError("no such overload");
    return !value;
  }),
  declare(
    "size",
    Object.fromEntries(
      sized.flatMap((type) => [`(${type}) -> int`, `${type}.() -> int`].map((key) => [key, sizeOf])),
    ),
  ),
  declare("type", { "(A) -> type(A)": ([value]) => new CelTypeValue(typeNameOf(value ?? null)) }),
  declare("dyn", { "(A) -> dyn": ([value]) => value ?? null }),
];

const typeNames: Readonly<Record<string, CelType>> = {
  bool: boolType,
  bytes: bytesType,
  double: doubleType,
  int: intType,
  list: listType(dynType),
  map: mapType(dynType, dynType),
  null_type: nullType,
  string: stringType,
  type: { kind: "type", of: dynType },
  uint: uintType,
  "google.protobuf.Timestamp": timestampType,
  "google.protobuf.Duration": durationType,
};

export const standardLibrary: Library = {
  functions: [...arithmetic, ...relations, ...planned, ...texts, ...others, ...conversions, ...timeAccessors],
  typeNames,
};
