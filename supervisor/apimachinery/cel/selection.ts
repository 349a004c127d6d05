/** Looking into objects, maps and lists (cel-go `interpreter/attributes.go`). */
import { CelError } from "./cel-error.ts";
import { CelList, CelMap, CelOptional, CelUint, type CelValue, typeNameOf } from "./values.ts";

export function selectField(value: CelValue, field: string): CelValue {
  if (value instanceof CelMap) {
    const found = value.get(field);
    if (found !== undefined) return found;
  }
  if (value instanceof CelOptional) {
    return value.value === undefined ? value : optionalField(value.value, field);
  }
  throw new CelError(`no such key: ${field}`);
}

export function hasField(value: CelValue, field: string): boolean {
  if (value instanceof CelMap) return value.has(field);
  if (value instanceof CelOptional) return value.value !== undefined && hasField(value.value, field);
  return false;
}

export function indexValue(value: CelValue, key: CelValue): CelValue {
  if (value instanceof CelOptional) {
    return value.value === undefined ? value : optionalField(value.value, key);
  }
  if (value instanceof CelMap) {
    const found = value.get(key);
    if (found !== undefined) return found;
    throw new CelError(`no such key: ${keyText(key)}`);
  }
  if (!(value instanceof CelList)) throw new CelError("no such overload");
  const index = listIndex(key);
  if (index === undefined) throw new CelError(`unsupported index type '${typeNameOf(key)}' in list`);
  if (index < 0 || index >= value.size) throw new CelError(`index out of bounds: ${index}`);
  return value.at(index);
}

/** What is there, as an optional. */
export function optionalField(value: CelValue, key: CelValue): CelValue {
  if (value instanceof CelOptional) {
    return value.value === undefined ? value : optionalField(value.value, key);
  }
  if (value instanceof CelMap) return optionalOf(value.get(key));
  if (value instanceof CelList) {
    const index = listIndex(key);
    if (index === undefined) throw new CelError(`unsupported index type '${typeNameOf(key)}' in list`);
    return index < 0 || index >= value.size ? CelOptional.none : new CelOptional(value.at(index));
  }
  throw new CelError(`no such key: ${keyText(key)}`);
}

function optionalOf(value: CelValue | undefined): CelOptional {
  return value === undefined ? CelOptional.none : new CelOptional(value);
}

function listIndex(key: CelValue): number | undefined {
  if (typeof key === "bigint") return Number(key);
  if (key instanceof CelUint) return Number(key.value);
  return typeof key === "number" && Number.isInteger(key) ? key : undefined;
}

function keyText(key: CelValue): string {
  if (key instanceof CelUint) return String(key.value);
  return typeof key === "object" ? typeNameOf(key) : String(key);
}
