import {
  CelDuration,
  CelForeign,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  StructValue,
} from "./values.ts";

/** `==`: numbers by value whatever their type, lists and maps by their parts; other types are never equal. */
export function equalValues(left: CelValue, right: CelValue): boolean {
  const leftNumber = numberOf(left);
  if (leftNumber !== undefined) {
    const rightNumber = numberOf(right);
    return rightNumber !== undefined && compareNumbers(leftNumber, rightNumber) === 0;
  }
  if (left === null || typeof left !== "object") return left === right;
  if (left instanceof CelList) return right instanceof CelList && equalLists(left, right);
  if (left instanceof CelMap) return right instanceof CelMap && equalMaps(left, right);
  return equalScalars(left, right);
}

function equalScalars(left: object, right: CelValue): boolean {
  if (left instanceof CelTimestamp) return right instanceof CelTimestamp && left.nanos === right.nanos;
  if (left instanceof CelDuration) return right instanceof CelDuration && left.nanos === right.nanos;
  if (left instanceof Uint8Array) return right instanceof Uint8Array && compareBytes(left, right) === 0;
  if (left instanceof CelTypeValue) return right instanceof CelTypeValue && left.name === right.name;
  if (left instanceof CelForeign) return right instanceof CelForeign && left.equals(right);
  if (!(left instanceof CelOptional && right instanceof CelOptional)) return false;
  if (left.value === undefined || right.value === undefined) return left.value === right.value;
  return equalValues(left.value, right.value);
}

function numberOf(value: CelValue): bigint | number | undefined {
  if (typeof value === "bigint" || typeof value === "number") return value;
  return value instanceof CelUint ? value.value : undefined;
}

function equalLists(left: CelList, right: CelList): boolean {
  if (left.size !== right.size) return false;
  const semantics = left.semantics ?? right.semantics;
  if (semantics !== undefined) return equalInAnyOrder(left, right);
  for (let index = 0; index < left.size; index++) {
    if (!equalValues(left.at(index), right.at(index))) return false;
  }
  return true;
}

/** Sets and lists that are maps by their keys: each item has its equal. */
function equalInAnyOrder(left: CelList, right: CelList): boolean {
  if (left.size > 16 && Array.from(left).every((item) => typeof item === "string")) {
    const items = new Set(right);
    return Array.from(left).every((item) => items.has(item));
  }
  return Array.from(left).every((item) => Array.from(right).some((other) => equalValues(item, other)));
}

function equalMaps(left: CelMap, right: CelMap): boolean {
  if (left instanceof StructValue && right instanceof StructValue && left.typeName !== right.typeName) {
    return false;
  }
  if (left.size !== right.size) return false;
  for (const key of left.keys()) {
    const one = left.get(key);
    const other = right.get(key);
    if (one === undefined || other === undefined || !equalValues(one, other)) return false;
  }
  return true;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Orders texts by their code points, as UTF-8 does; UTF-16 units do not where there are surrogates. */
export function compareStrings(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const one = left.charCodeAt(index);
    const other = right.charCodeAt(index);
    if (one === other) continue;
    const isSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xe000;
    if (isSurrogate(one) !== isSurrogate(other)) return isSurrogate(one) ? 1 : -1;
    return one - other;
  }
  return left.length - right.length;
}

/** Beside a double an integer counts as the double next to it, as in cel-go. */
function compareNumbers(left: bigint | number, right: bigint | number): number {
  if (typeof left === typeof right)
    return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN;
  return compareNumbers(Number(left), Number(right));
}

/** Negative, zero or positive; NaN where one is NaN; undefined where there is no order between them. */
export function compareValues(left: CelValue, right: CelValue): number | undefined {
  const leftNumber = numberOf(left);
  const rightNumber = numberOf(right);
  if (leftNumber !== undefined && rightNumber !== undefined) {
    return compareNumbers(leftNumber, rightNumber);
  }
  if (typeof left === "string" && typeof right === "string") return compareStrings(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return compareBytes(left, right);
  if (left instanceof CelTimestamp && right instanceof CelTimestamp) return sign(left.nanos - right.nanos);
  if (left instanceof CelDuration && right instanceof CelDuration) return sign(left.nanos - right.nanos);
  return undefined;
}

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}
