import { type FieldRequirement, matchesFields, parseFieldSelector } from "../../apimachinery/fields.ts";
import {
  type LabelRequirement,
  matchesLabels,
  parseLabelSelector,
  SelectorError,
} from "../../apimachinery/labels.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newBadRequest } from "../../apimachinery/status-errors.ts";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";
import type { KeyValue } from "../../storage/backend.ts";
import type { ResourceContext } from "../request-context.ts";
import type { ObjectCodec } from "../storage/object-codec.ts";

export interface PinnedProperty {
  readonly name: string;
  readonly value: string;
  read(object: ApiObject): string;
}

/**
 * Which objects of a collection a request is about, by their labels and fields, and by the name that the sender was
 * allowed to see where the request names one.
 */
export class Selection {
  readonly #definition: ResourceDefinition;
  readonly #labels: readonly LabelRequirement[];
  readonly #fields: readonly FieldRequirement[];
  readonly #requestedBy: string | undefined;
  /** Texts that stand in the JSON of every object that matches. */
  readonly #needles: readonly string[];

  /** Throws BadRequest for selectors that are none, and for fields that the resource does not have. */
  constructor({ store, info, requestedBy }: Pick<ResourceContext, "store" | "info" | "requestedBy">) {
    const { query, name } = info;
    this.#definition = store.definition;
    this.#requestedBy = requestedBy;
    try {
      this.#labels = parseLabelSelector(query.get("labelSelector") ?? "");
      const fields = parseFieldSelector(query.get("fieldSelector") ?? "");
      this.#fields =
        name === "" ? fields : [...fields, { field: "metadata.name", operator: "=", value: name }];
    } catch (error) {
      if (error instanceof SelectorError) throw newBadRequest(error.message);
      throw error;
    }
    if (this.#fields.length > 0) this.#checkFields();
    this.#needles = [...this.#labels.flatMap(labelNeedle), ...this.#fields.flatMap(fieldNeedle)];
  }

  get isEverything(): boolean {
    return this.#labels.length === 0 && this.#fields.length === 0 && this.#requestedBy === undefined;
  }

  /** The one name that can match, if the selector pins it. */
  get name(): string | undefined {
    return this.#fields.find(({ field, operator }) => field === "metadata.name" && operator === "=")?.value;
  }

  /** A property of which every object that matches has one value: what watches are sorted by. */
  get pinned(): PinnedProperty | undefined {
    const isOwn = ({ field }: FieldRequirement) => !field.startsWith("metadata.");
    const field = this.#fields.find((candidate) => candidate.operator === "=" && isOwn(candidate));
    if (field !== undefined) {
      const { field: name, value } = field;
      return { name: `field ${name}`, value, read: (object) => this.#fieldsOf(object)[name] ?? "" };
    }
    const label = this.#labels.find(({ operator }) => operator === "=");
    if (label === undefined) return undefined;
    const { key, values } = label;
    return {
      name: `label ${key}`,
      value: values[0] ?? "",
      read: ({ metadata }) => metadata.labels?.[key] ?? "",
    };
  }

  /** Whether an object can match, judged by its text; far cheaper than reading it. */
  #mayMatchText(text: string): boolean {
    return this.#needles.every((needle) => text.includes(needle));
  }

  /** Whether a stored object matches; `read` gives it where its labels do not decide. */
  matchesStored(codec: ObjectCodec, stored: KeyValue, read: () => ApiObject): boolean {
    if (this.isEverything) return true;
    if (!this.#mayMatchText(stored.value)) return false;
    if (this.#labels.length > 0 && !matchesLabels(this.#labels, codec.labels(stored))) return false;
    return (this.#fields.length === 0 && this.#requestedBy === undefined) || this.matches(read());
  }

  matches(object: ApiObject): boolean {
    if (this.#requestedBy !== undefined && !isRequestedBy(object, this.#requestedBy)) return false;
    if (!matchesLabels(this.#labels, object.metadata.labels)) return false;
    return this.#fields.length === 0 || matchesFields(this.#fields, this.#fieldsOf(object));
  }

  #fieldsOf(object: ApiObject): Readonly<Record<string, string>> {
    const { name = "", namespace = "" } = object.metadata;
    const own = this.#definition.selectableFields?.(object) ?? {};
    return {
      ...own,
      "metadata.name": name,
      ...(this.#definition.namespaced ? { "metadata.namespace": namespace } : {}),
    };
  }

  #checkFields(): void {
    const { kind, namespaced, selectableFields } = this.#definition;
    const known = this.#fieldsOf({ kind, apiVersion: "", metadata: {} });
    for (const { field } of this.#fields) {
      if (Object.hasOwn(known, field)) continue;
      if (selectableFields !== undefined) throw newBadRequest(`field label not supported: ${field}`);
      const names = namespaced ? '"metadata.name", "metadata.namespace"' : '"metadata.name"';
      throw newBadRequest(`${JSON.stringify(field)} is not a known field selector: only ${names}`);
    }
  }
}

/** Whether an object says that a user has asked for it. */
export function isRequestedBy({ spec }: ApiObject, user: string): boolean {
  return typeof spec === "object" && spec !== null && "username" in spec && spec.username === user;
}

function labelNeedle({ key, operator, values }: LabelRequirement): readonly string[] {
  if (operator !== "=") return operator === "exists" ? [`${JSON.stringify(key)}:`] : [];
  return [`${JSON.stringify(key)}:${JSON.stringify(values[0] ?? "")}`];
}

function fieldNeedle({ operator, value }: FieldRequirement): readonly string[] {
  // Empty texts and booleans stand for absent fields too.
  const isPlain = operator === "=" && value !== "" && value !== "true" && value !== "false";
  if (!isPlain) return [];
  // Numbers stand without quotes.
  return [/^-?\d+$/.test(value) ? value : JSON.stringify(value)];
}
