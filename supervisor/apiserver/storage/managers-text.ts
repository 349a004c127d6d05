/**
 * The texts of `metadata.managedFields`, half of many an object. Their sets of fields are the same in objects that are
 * made alike, so each is written and read once for all of them.
 */
import { isJsonObject, type JsonObject } from "../../apimachinery/json/json-value.ts";
import { objectEnd } from "../../apimachinery/json/object-end.ts";
import type { ApiObject, ManagedFieldsEntry } from "../../apimachinery/object-meta.ts";

const texts = new WeakMap<JsonObject, string>();

function fieldsText(fields: JsonObject): string {
  let text = texts.get(fields);
  if (text === undefined) {
    text = JSON.stringify(fields);
    texts.set(fields, text);
  }
  return text;
}

function managerText({ fieldsV1, subresource, ...entry }: ManagedFieldsEntry): string {
  const fields = fieldsV1 === undefined ? "" : `,"fieldsV1":${fieldsText(fieldsV1)}`;
  const part = subresource === undefined ? "" : `,"subresource":${JSON.stringify(subresource)}`;
  // Each entry names its operation, so that something is before these.
  return `${JSON.stringify(entry).slice(0, -1)}${fields}${part}}`;
}

/** The text of the list. */
export function managersText(managers: readonly ManagedFieldsEntry[]): string {
  return `[${managers.map(managerText)}]`;
}

interface KnownFields {
  readonly text: string;
  /** Frozen, with all within: many objects have it. */
  readonly fields: JsonObject;
}

const maxKnown = 16;
const listMark = ',"managedFields":[';
const fieldsMark = ',"fieldsV1":';

/** Reads stored objects of one kind. */
export class StoredReader {
  /** What comes again and again is at the front. */
  readonly #known: KnownFields[] = [];

  /** The object of a text; the sets of fields in it are shared, and frozen. */
  read(text: string): ApiObject {
    const sets: JsonObject[] = [];
    let rest = "";
    let from = 0;
    const list = text.indexOf(listMark);
    for (let at = list; at >= 0; at = from) {
      const mark = text.indexOf(fieldsMark, at);
      // The list ends before it, or may do so.
      if (mark < 0 || text.lastIndexOf("]", mark) > at) break;
      const start = mark + fieldsMark.length;
      const known = this.#fieldsAt(text, start);
      rest += `${text.slice(from, start)}${sets.length}`;
      from = start + known.text.length;
      sets.push(known.fields);
    }
    // What is stored was encoded from an object.
    const object = JSON.parse(rest + text.slice(from)) as ApiObject;
    return putSets(object, sets) ? object : (JSON.parse(text) as ApiObject);
  }

  #fieldsAt(text: string, start: number): KnownFields {
    for (let index = 0; index < this.#known.length; index++) {
      const known = this.#known[index];
      // A text of an object is never the beginning of another one's.
      if (known === undefined || !text.startsWith(known.text, start)) continue;
      const before = this.#known[index - 1];
      if (before !== undefined) [this.#known[index - 1], this.#known[index]] = [known, before];
      return known;
    }
    // A copy: a slice would hold all of the stored text.
    const own = Buffer.from(text.slice(start, objectEnd(text, start))).toString();
    const known = { text: own, fields: freeze(JSON.parse(own) as JsonObject) };
    texts.set(known.fields, own);
    if (this.#known.length === maxKnown) this.#known.pop();
    this.#known.push(known);
    return known;
  }
}

/** Puts sets where their numbers stand; false where the text was not what it seemed. */
function putSets({ metadata }: ApiObject, sets: readonly JsonObject[]): boolean {
  for (const [index, fields] of sets.entries()) {
    const entry: { fieldsV1?: unknown } | undefined = metadata.managedFields?.[index];
    if (entry?.fieldsV1 !== index) return false;
    entry.fieldsV1 = fields;
  }
  return true;
}

function freeze(value: JsonObject): JsonObject {
  for (const name of Object.keys(value)) {
    const field = value[name];
    if (isJsonObject(field)) freeze(field);
  }
  return Object.freeze(value);
}
