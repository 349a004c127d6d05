import type { JsonValue } from "../json/json-value.ts";
import { CelError } from "./cel-error.ts";
import { JsonMap } from "./json-views.ts";
import { durationText, timestampText } from "./time-texts.ts";
import {
  CelDuration,
  CelList,
  CelMap,
  CelTimestamp,
  CelUint,
  type CelValue,
  StructValue,
  typeNameOf,
} from "./values.ts";

/** A value as JSON. Throws a {@link CelError} for what JSON cannot say. */
export function jsonFromCel(value: CelValue): JsonValue {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new CelError(`the number ${value} is none of JSON`);
  }
  if (value instanceof CelUint) return Number(value.value);
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof CelList) return Array.from(value, jsonFromCel);
  // What a view looks at is JSON; the copy is the caller's own.
  if (value instanceof JsonMap) return structuredClone(value.json) as JsonValue;
  if (value instanceof CelMap) return jsonFromMap(value);
  throw new CelError(`a value of type ${typeNameOf(value)} cannot be marshalled to JSON`);
}

function jsonFromMap(map: CelMap): JsonValue {
  const entries = Array.from(map.keys(), (key) => {
    if (typeof key !== "string") throw new CelError(`map key ${String(key)} is not a string`);
    return [key, jsonFromCel(map.get(key) ?? null)] as const;
  });
  return Object.fromEntries(entries);
}

/** Why an object is not named for its place, `Object.spec{}` for the field `spec`; undefined where all are. */
export function misnamedObject(value: CelValue, path: string): string | undefined {
  if (value instanceof StructValue) {
    if (value.typeName !== path) {
      return `unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`;
    }
    return firstOf(value.keys(), (field) => misnamedObject(value.get(field) ?? null, `${path}.${field}`));
  }
  if (value instanceof CelList) return firstOf(value, (item) => misnamedObject(item, path));
  if (!(value instanceof CelMap) || value instanceof JsonMap) return undefined;
  return firstOf(value.keys(), (key) => misnamedObject(value.get(key) ?? null, path));
}

function firstOf<T>(items: Iterable<T>, look: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
