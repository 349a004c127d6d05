import { cloneJson, isJsonObject, type JsonValue, setField } from "../json/json-value.ts";
import { fieldOf, type Structural } from "./structural.ts";

/** Whether a null stands where the schema allows none. */
function isForbiddenNull(value: JsonValue | undefined, structural: Structural | undefined): boolean {
  return value === null && structural !== undefined && !structural.nullable;
}

/**
 * Fills in what is absent, in place, also where a null stands that the schema does not allow (apiextensions-apiserver
 * `pkg/apiserver/schema/defaulting`).
 */
export function setDefaults(value: JsonValue | undefined, structural: Structural | undefined): void {
  if (structural === undefined || !structural.holds.defaults) return;
  if (Array.isArray(value)) {
    const { items } = structural;
    value.forEach((item, index) => {
      if (isForbiddenNull(item, items)) value[index] = cloneJson(items?.default ?? null);
      setDefaults(value[index], items);
    });
  } else if (isJsonObject(value)) {
    for (const [name, property] of structural.properties) {
      if (property.default === undefined) continue;
      const isAbsent = !Object.hasOwn(value, name) || value[name] === undefined;
      if (isAbsent || isForbiddenNull(value[name], property))
        setField(value, name, cloneJson(property.default));
    }
    for (const name of Object.keys(value)) {
      const field = fieldOf(structural, name);
      if (field === undefined) continue;
      if (isForbiddenNull(value[name], field)) setField(value, name, cloneJson(field.default ?? null));
      setDefaults(value[name], field);
    }
  }
}

/** Drops the nulls that the schema neither allows nor has a default for, in place. */
export function pruneNulls(value: JsonValue | undefined, structural: Structural | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) pruneNulls(item, structural?.items);
  } else if (isJsonObject(value)) {
    for (const name of Object.keys(value)) {
      const field = fieldOf(structural, name);
      if (isForbiddenNull(value[name], field) && field?.default === undefined) delete value[name];
      else pruneNulls(value[name], field);
    }
  }
}
