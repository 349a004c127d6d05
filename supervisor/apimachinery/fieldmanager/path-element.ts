/**
 * The steps of which the paths of `FieldsV1` are made (structured-merge-diff `fieldpath`): `f:` and a field's name,
 * `k:` and an item's keys, `v:` and an item itself, `i:` and an index.
 */
import { isJsonObject, type JsonValue } from "../json/json-value.ts";
import type { MergeList } from "./merge-type.ts";

/** An item of a list cannot be told from others. */
export class PathElementError extends Error {
  override readonly name = "PathElementError";
}

const needsEscape = /[<>&\u2028\u2029]/;
const plainText = /^[\w./:-]*$/;

/** JSON as Go writes it, safe within HTML. */
function goJson(value: JsonValue): string {
  if (typeof value === "string" && plainText.test(value)) return `"${value}"`;
  const text = JSON.stringify(value);
  if (!needsEscape.test(text)) return text;
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const fieldElements = new Map<string, string>();
const maxFieldElements = 20_000;

/** The step to a field; the texts of most are kept, since the same few come again and again. */
export function fieldElement(name: string): string {
  const known = fieldElements.get(name);
  if (known !== undefined) return known;
  const element = `f:${name}`;
  if (fieldElements.size < maxFieldElements) fieldElements.set(name, element);
  return element;
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
    text += `${text === "" ? "" : ","}"${key}":${goJson(value)}`;
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
const fieldCode = "f".charCodeAt(0);

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

type KeyFields = ReadonlyArray<readonly [string, JsonValue | undefined]>;

function compareKeys(left: KeyFields, right: KeyFields): number {
  // Steps are in canonical form: their fields are in order.
  for (const [index, [name, value]] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = order(name, other[0]) || compareScalars(value, other[1]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** A step with what it is ordered by. */
interface SortableElement {
  readonly element: string;
  readonly kind: number;
  readonly value: JsonValue;
  readonly keys: KeyFields;
}

function sortable(element: string): SortableElement {
  const body = element.slice(2);
  // The text of a canonical step is JSON, but for fields' names.
  const value = element.startsWith("f:") ? body : (JSON.parse(body) as JsonValue);
  const keys = isJsonObject(value) ? Object.entries(value) : [];
  return { element, kind: kinds.indexOf(element.charAt(0)), value, keys };
}

function compareSortable(left: SortableElement, right: SortableElement): number {
  if (left.kind !== right.kind) return left.kind - right.kind;
  return left.keys.length > 0 ? compareKeys(left.keys, right.keys) : compareScalars(left.value, right.value);
}

/** Sorts texts in place by insertion: the lists are short, and mostly nearly sorted. */
function sortTexts(texts: string[]): string[] {
  for (let index = 1; index < texts.length; index++) {
    const text = texts[index] ?? "";
    let at = index;
    for (let before = texts[at - 1]; before !== undefined && before > text; before = texts[at - 1]) {
      texts[at] = before;
      at--;
    }
    texts[at] = text;
  }
  return texts;
}

/** From this length on the engine's sort is faster. */
const longList = 40;

/** Steps in the order in which `FieldsV1` lists them: fields, keys, values, indexes. The same list where it has it. */
export function sortedElements(elements: readonly string[]): readonly string[] {
  if (elements.length < 2) return elements;
  let areFields = true;
  let isSorted = true;
  let last = "";
  for (const element of elements) {
    if (element.charCodeAt(0) !== fieldCode) areFields = false;
    if (element < last) isSorted = false;
    last = element;
  }
  if (areFields && isSorted) return elements;
  if (areFields) return elements.length < longList ? sortTexts([...elements]) : elements.toSorted();
  const sorted = elements.map(sortable).sort(compareSortable);
  return sorted.map(({ element }) => element);
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
