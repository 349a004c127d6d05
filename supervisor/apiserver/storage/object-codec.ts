import { objectEnd } from "../../apimachinery/json/object-end.ts";
import type { Labels } from "../../apimachinery/labels.ts";
import type { ApiObject, ObjectMeta } from "../../apimachinery/object-meta.ts";
import { apiVersionOf, type ResourceDefinition } from "../../registry/resource-definition.ts";
import type { KeyValue } from "../../storage/backend.ts";
import { managersText, StoredReader } from "./managers-text.ts";

/** The fields of `metadata` in the order in which the API writes them. */
const metaFields = [
  "name",
  "generateName",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "labels",
  "annotations",
  "ownerReferences",
  "finalizers",
  "managedFields",
] as const satisfies ReadonlyArray<keyof ObjectMeta>;

const labelsField = '"labels":';

/**
 * The texts in which objects are stored and sent. They begin alike, so that the resource version, which the store
 * gives, is put into the text without reading it.
 */
export class ObjectCodec {
  readonly #definition: ResourceDefinition;
  readonly #apiVersion: string;
  /** What every stored text begins with, up to the first field of `metadata`. */
  readonly #head: string;
  readonly #storedApiVersion: string;
  readonly #reader = new StoredReader();

  constructor(definition: ResourceDefinition) {
    this.#definition = definition;
    this.#apiVersion = apiVersionOf(definition);
    this.#storedApiVersion = definition.view?.storedApiVersion ?? this.#apiVersion;
    const { kind } = definition;
    this.#head = `{"kind":"${kind}","apiVersion":"${this.#storedApiVersion}","metadata":{`;
  }

  /** The text to store. What the store gives, the resourceVersion, is left out. */
  encode(object: ApiObject): string {
    const stored = this.#definition.view?.toStorage(object) ?? object;
    const { kind: _kind, apiVersion: _apiVersion, metadata, ...fields } = stored;
    const { managedFields, ...meta } = metadata;
    const metaText = JSON.stringify(orderedMeta({ ...meta, resourceVersion: undefined })).slice(1, -1);
    // Apart from the rest: the engine writes objects several times as fast where no field's name holds a quote.
    const managers = managedFields === undefined ? "" : `,"managedFields":${managersText(managedFields)}`;
    const fieldsText = JSON.stringify(fields).slice(1);
    return `${this.#head}${metaText}${managers}}${fieldsText === "}" ? "" : ","}${fieldsText}`;
  }

  /** The object as clients see it; the caller's own copy, but for the sets of its managers, which nobody may change. */
  decode(stored: KeyValue): ApiObject {
    const object = this.#reader.read(stored.value);
    object.metadata.resourceVersion = String(stored.modRevision);
    return this.#definition.view?.fromStorage(object) ?? object;
  }

  /**
   * An object's labels, without reading the rest: they are the first object within `metadata` or absent, and validation
   * has kept braces and quotes out of them.
   */
  labels({ value }: KeyValue): Labels {
    const start = value.indexOf("{", this.#head.length);
    if (start < 0 || !value.startsWith(labelsField, start - labelsField.length)) return {};
    // A JSON object of texts.
    return JSON.parse(value.slice(start, value.indexOf("}", start) + 1)) as Labels;
  }

  /** The object's text as clients get it. */
  text(stored: KeyValue): string {
    if (this.#definition.view !== undefined) return this.objectText(this.decode(stored));
    return `${this.#head}"resourceVersion":"${stored.modRevision}",${stored.value.slice(this.#head.length)}`;
  }

  /** The object's text within a list, where kind and version are the list's to say. */
  itemText(stored: KeyValue): string {
    if (this.#definition.view !== undefined) {
      const { kind: _kind, apiVersion: _apiVersion, ...item } = this.decode(stored);
      return JSON.stringify({ ...item, metadata: orderedMeta(item.metadata) });
    }
    return `{"metadata":{"resourceVersion":"${stored.modRevision}",${stored.value.slice(this.#head.length)}`;
  }

  /** The text of the object's metadata as clients get it, without reading the object. */
  metadataText(stored: KeyValue): string {
    if (this.#definition.view !== undefined) return JSON.stringify(this.decode(stored).metadata);
    const start = this.#head.length;
    const end = objectEnd(stored.value, start - 1);
    return `{"resourceVersion":"${stored.modRevision}",${stored.value.slice(start, end)}`;
  }

  /** The text of an object that is not stored. */
  objectText(object: ApiObject): string {
    const { kind: _kind, apiVersion: _apiVersion, metadata, ...fields } = object;
    const { kind } = this.#definition;
    return JSON.stringify({
      kind,
      apiVersion: this.#apiVersion,
      metadata: orderedMeta(metadata),
      ...fields,
    });
  }
}

/** Metadata with its fields in the order in which all texts have them. */
export function orderedMeta(
  meta: { readonly [Key in keyof ObjectMeta]: ObjectMeta[Key] | undefined },
): object {
  const ordered: Record<string, unknown> = {};
  for (const field of metaFields) if (meta[field] !== undefined) ordered[field] = meta[field];
  return ordered;
}
