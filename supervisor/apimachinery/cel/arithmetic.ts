/** Arithmetic of 64-bit numbers, times and durations; what does not fit is an error (cel-go `common/types`). */
import { CelError } from "./cel-error.ts";
import { mergedList } from "./merged-list.ts";
import { maxTimestampNanos, minTimestampNanos } from "./time-texts.ts";
import { CelDuration, CelList, CelTimestamp, CelUint, type CelValue, ListValue } from "./values.ts";

export function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new CelError("integer overflow");
  return value;
}

export function uint64(value: bigint): CelUint {
  if (BigInt.asUintN(64, value) !== value) throw new CelError("unsigned integer overflow");
  return new CelUint(value);
}

function duration(nanos: bigint): CelDuration {
  if (BigInt.asIntN(64, nanos) !== nanos) throw new CelError("duration overflow");
  return new CelDuration(nanos);
}

export function timestamp(nanos: bigint): CelTimestamp {
  if (nanos < minTimestampNanos || nanos > maxTimestampNanos) throw new CelError("timestamp overflow");
  return new CelTimestamp(nanos);
}

function noOverload(): CelError {
  return new CelError("no such overload");
}

export function add(left: CelValue, right: CelValue): CelValue {
  if (typeof left === "bigint" && typeof right === "bigint") return int64(left + right);
  if (typeof left === "string" && typeof right === "string") return left + right;
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (left instanceof CelUint && right instanceof CelUint) return uint64(left.value + right.value);
  if (left instanceof CelList && right instanceof CelList) return concatenated(left, right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.concat([left, right]);
  if (left instanceof CelDuration) {
    if (right instanceof CelDuration) return duration(left.nanos + right.nanos);
    if (right instanceof CelTimestamp) return timestamp(left.nanos + right.nanos);
  }
  if (left instanceof CelTimestamp && right instanceof CelDuration)
    return timestamp(left.nanos + right.nanos);
  throw noOverload();
}

function concatenated(left: CelList, right: CelList): CelList {
  return left.semantics === undefined
    ? new ListValue([...left, ...right])
    : mergedList(left, right, left.semantics);
}

export function subtract(left: CelValue, right: CelValue): CelValue {
  if (typeof left === "bigint" && typeof right === "bigint") return int64(left - right);
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (left instanceof CelUint && right instanceof CelUint) return uint64(left.value - right.value);
  if (left instanceof CelDuration && right instanceof CelDuration) return duration(left.nanos - right.nanos);
  if (left instanceof CelTimestamp) {
    if (right instanceof CelTimestamp) return duration(left.nanos - right.nanos);
    if (right instanceof CelDuration) return timestamp(left.nanos - right.nanos);
  }
  throw noOverload();
}

export function multiply(left: CelValue, right: CelValue): CelValue {
  if (typeof left === "bigint" && typeof right === "bigint") return int64(left * right);
  if (typeof left === "number" && typeof right === "number") return left * right;
  if (left instanceof CelUint && right instanceof CelUint) return uint64(left.value * right.value);
  throw noOverload();
}

export function divide(left: CelValue, right: CelValue): CelValue {
  if (typeof left === "number" && typeof right === "number") return left / right;
  const [one, other, make] = integers(left, right);
  if (other === 0n) throw new CelError("division by zero");
  return make(one / other);
}

export function modulo(left: CelValue, right: CelValue): CelValue {
  const [one, other, make] = integers(left, right);
  if (other === 0n) throw new CelError("modulus by zero");
  return make(one % other);
}

function integers(left: CelValue, right: CelValue): [bigint, bigint, (value: bigint) => CelValue] {
  if (typeof left === "bigint" && typeof right === "bigint") return [left, right, int64];
  if (left instanceof CelUint && right instanceof CelUint) return [left.value, right.value, uint64];
  throw noOverload();
}

export function negate(value: CelValue): CelValue {
  if (typeof value === "bigint") return int64(-value);
  if (typeof value === "number") return -value;
  if (value instanceof CelDuration) return duration(-value.nanos);
  throw noOverload();
}
