/** Sets and maps that are written as lists hold each item once (apiextensions-apiserver `pkg/apiserver/schema/listtype`). */
import { duplicateField, type FieldError, invalidField } from "../field-error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { fieldOf, type Structural } from "./structural.ts";

export function validateKeyedLists(
  value: JsonValue | undefined,
  structural: Structural | undefined,
  path = "",
): readonly FieldError[] {
  if (structural === undefined || !structural.holds.keyedLists) return [];
  if (Array.isArray(value)) {
    const { listType, listMapKeys, items } = structural;
    const own =
      listType === "set"
        ? setErrors(value, path)
        : listType === "map"
          ? mapErrors(value, listMapKeys, path)
          : [];
    return [...own, ...value.flatMap((item, index) => validateKeyedLists(item, items, `${path}[${index}]`))];
  }
  if (!isJsonObject(value)) return [];
  return Object.keys(value).flatMap((name) => {
    const inner = !structural.properties.has(name)
      ? `${path}[${name}]`
      : path === ""
        ? name
        : `${path}.${name}`;
    return validateKeyedLists(value[name], fieldOf(structural, name), inner);
  });
}

/** The indexes at which something stands for the second time. */
function repeated(values: readonly JsonValue[]): readonly number[] {
  const seen = new Map<string, number>();
  const indexes: number[] = [];
  values.forEach((value, index) => {
    const text = canonicalText(value);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    if (times === 2) indexes.push(index);
  });
  return indexes;
}

/** The same text for the same value, in whatever order its fields are. */
function canonicalText(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value ?? null);
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonicalText(value[name])}`).join()}}`;
}

function setErrors(list: readonly JsonValue[], path: string): readonly FieldError[] {
  return repeated(list).map((index) => duplicateField(`${path}[${index}]`, list[index]));
}

function mapErrors(list: readonly JsonValue[], keys: readonly string[], path: string): readonly FieldError[] {
  const wrong = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (wrong >= 0) {
    const detail = "must be an object for an array of list-type map";
    return [invalidField(`${path}[${wrong}]`, list[wrong], detail)];
  }
  const found = list.map((item): JsonObject => {
    if (!isJsonObject(item)) return {};
    return Object.fromEntries(keys.flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]])));
  });
  return repeated(found).map((index) => duplicateField(`${path}[${index}]`, found[index]));
}
