/**
 * The steps of which the paths of `FieldsV1` are made (structured-merge-diff `fieldpath`): `f:` and a field's name,
 * `k:` and an item's keys, `v:` and an item itself, `i:` and an index.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import type { MergeList } from "./merge-type.ts";

/** An item of a list cannot be told from others. */
export class PathElementError extends Error {
  override readonly name = "PathElementError";
}

const needsEscape = /[<>&\u2028\u2029]/;

/** JSON as Go writes it, safe within HTML. */
function goJson(value: JsonValue): string {
  const text = JSON.stringify(value);
  if (!needsEscape.test(text)) return text;
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function fieldElement(name: string): string {
  return `f:${name}`;
}

function keyElement(list: MergeList, item: JsonValue): string {
  if (item === null) throw new PathElementError("associative list with keys may not have a null element");
  if (!isJsonObject(item)) {
    throw new PathElementError("associative list with keys may not have non-map elements");
  }
  let text = "";
  for (const key of list.keys) {
    const value = item[key] ?? (item[key] === undefined ? list.keyDefaults[key] : null);
    if (value === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${goJson(value)}`;
  }
  if (text !== "") return `k:{${text}}`;
  const keys = list.keys.map((key) => JSON.stringify(key)).join(" ");
  throw new PathElementError(
    `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`,
  );
}

/** The step from a set or a keyed list to one of its items. Throws a {@link PathElementError}. */
export function itemElement(list: MergeList, item: JsonValue): string {
  if (list.type === "map") return keyElement(list, item);
  if (item === null) {
    throw new PathElementError("associative list without keys has an element that's an explicit null");
  }
  if (typeof item !== "object") return `v:${goJson(item)}`;
  throw new PathElementError(
    Array.isArray(item)
      ? "not supported: associative list with lists as elements"
      : "associative list without keys has an element that's a map type",
  );
}

const kinds = "fkvi";

/** Whether a text is a step at all; those of other kinds are passed over. */
export function isPathElement(text: string): boolean {
  return text.charAt(1) === ":" && kinds.includes(text.charAt(0));
}

/** The same step in the one form in which steps are compared. Throws a {@link PathElementError}. */
export function canonicalElement(text: string): string {
  const body = text.slice(2);
  try {
    if (text.startsWith("v:")) return `v:${goJson(JSON.parse(body) as JsonValue)}`;
    if (text.startsWith("k:")) return canonicalKeys(JSON.parse(body) as JsonValue);
  } catch (error) {
    throw new PathElementError(`invalid path element ${JSON.stringify(text)}`, { cause: error });
  }
  if (text.startsWith("i:") && !/^-?\d+$/.test(body)) {
    throw new PathElementError(`invalid index ${JSON.stringify(text)}`);
  }
  return text;
}

function canonicalKeys(keys: JsonValue): string {
  if (!isJsonObject(keys)) throw new PathElementError("keys are an object");
  const fields = Object.keys(keys).sort();
  return `k:{${fields.map((field) => `${JSON.stringify(field)}:${goJson(keys[field] ?? null)}`).join(",")}}`;
}

function order(left: string | number | boolean, right: string | number | boolean): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Numbers before texts before booleans, each in their own order. */
function compareScalars(left: JsonValue | undefined, right: JsonValue | undefined): number {
  const rank = (value: JsonValue | undefined) => ["number", "string", "boolean"].indexOf(typeof value);
  if (typeof left !== typeof right) return order(rank(left), rank(right));
  // Both are scalars of one kind: only those are keys and items of sets.
  return order(left as string, right as string);
}

function compareKeys(left: string, right: string): number {
  // Steps are in canonical form: JSON objects whose fields are in order.
  const leftKeys = Object.entries(JSON.parse(left) as JsonObject);
  const rightKeys = Object.entries(JSON.parse(right) as JsonObject);
  for (const [index, [name, value]] of leftKeys.entries()) {
    const other = rightKeys[index];
    if (other === undefined) return 1;
    const difference = order(name, other[0]) || compareScalars(value, other[1]);
    if (difference !== 0) return difference;
  }
  return leftKeys.length === rightKeys.length ? 0 : -1;
}

/** The order in which `FieldsV1` lists steps: fields, keys, values, indexes. */
export function comparePathElements(left: string, right: string): number {
  if (left === right) return 0;
  const kind = left.charAt(0);
  if (kind !== right.charAt(0)) return order(kinds.indexOf(kind), kinds.indexOf(right.charAt(0)));
  if (kind === "f") return order(left, right);
  if (kind === "k") return compareKeys(left.slice(2), right.slice(2));
  // A canonical step's text is JSON.
  return compareScalars(JSON.parse(left.slice(2)) as JsonValue, JSON.parse(right.slice(2)) as JsonValue);
}

function displayScalar(value: JsonValue | undefined): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A step as messages show it: `.spec`, `[name="web"]`, `[="a"]`, `[0]`. */
export function displayElement(element: string): string {
  const body = element.slice(2);
  if (element.startsWith("f:")) return `.${body}`;
  if (element.startsWith("i:")) return `[${body}]`;
  const value = JSON.parse(body) as JsonValue;
  if (!isJsonObject(value)) return `[=${displayScalar(value)}]`;
  return `[${Object.entries(value)
    .map(([name, field]) => `${name}=${displayScalar(field)}`)
    .join(",")}]`;
}
