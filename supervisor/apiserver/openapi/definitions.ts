/** Describes models as OpenAPI definitions, with all that they are made of. */
import { type Descriptions, readDescriptions } from "../../api/descriptions.ts";
import { apiMessages } from "../../api/message-set.ts";
import { apiSchemas } from "../../api/schema-set.ts";
import type { MessageEntries } from "../../apimachinery/protobuf/message-schema.ts";
import type { FieldSchema, TypeSchema } from "../../apimachinery/schema/schema.ts";
import { fieldlessDefinition, scalarDefinition, scalarSchema, scalarZeros } from "./scalar-schemas.ts";
import type { GroupVersionKind, OpenApiVersion, Schema } from "./spec-types.ts";
import { type ModelMarks, readTypeMarks, type TypeMarks } from "./type-marks.ts";

const prefixes = { v2: "#/definitions/", v3: "#/components/schemas/" } as const;

function marksOf(marks: TypeMarks): Schema {
  return {
    ...(marks.listType === undefined ? {} : { "x-kubernetes-list-type": marks.listType }),
    ...(marks.listKeys === undefined ? {} : { "x-kubernetes-list-map-keys": [...marks.listKeys] }),
    ...(marks.mapType === undefined ? {} : { "x-kubernetes-map-type": marks.mapType }),
  };
}

function patchMarks(field: FieldSchema, model: string): Schema {
  const isReplaced = model === "V1PodDisruptionBudgetSpec" && field.name === "selector";
  const strategy = [
    isReplaced ? "replace" : field.mergeKey === undefined ? "" : "merge",
    field.retainKeys ? "retainKeys" : "",
  ];
  const text = strategy.filter((part) => part !== "").join(",");
  if (text === "") return {};
  return {
    "x-kubernetes-patch-strategy": text,
    ...(field.mergeKey ? { "x-kubernetes-patch-merge-key": field.mergeKey } : {}),
  };
}

function unionOf({ union }: TypeMarks): Schema {
  if (union === undefined) return {};
  const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  const members = Object.fromEntries(union.members.map((name) => [name, capital(name)]));
  const discriminator = union.discriminator === "" ? {} : { discriminator: union.discriminator };
  return { "x-kubernetes-unions": [{ ...discriminator, "fields-to-discriminateBy": members }] };
}

const metaKinds: ReadonlySet<string> = new Set([
  "APIGroup",
  "APIGroupList",
  "APIResourceList",
  "APIVersions",
  "DeleteOptions",
  "Status",
  "WatchEvent",
]);

/** Whether a definition stands for objects that travel by themselves; others name a kind and are none. */
function isKind(definition: string, kind: string, fields: readonly FieldSchema[]): boolean {
  if (definition.includes(".apis.meta.")) return metaKinds.has(kind);
  const wanted = ["kind", "apiVersion", "metadata"];
  return wanted.every((name) => fields.some((field) => field.name === name));
}

/** Which fields are pointers in Go. */
function pointers(entries: MessageEntries, into: Set<string>): ReadonlySet<string> {
  for (const entry of entries.values()) {
    if (!("field" in entry)) pointers(entry, into);
    else if (entry.nullable) into.add(entry.field.name);
  }
  return into;
}

/** Collects definitions for one document; made anew for each. */
export class Definitions {
  readonly #version: OpenApiVersion;
  readonly #marks: ReadonlyMap<string, ModelMarks> = readTypeMarks();
  readonly #descriptions: Descriptions = readDescriptions();
  readonly #found = new Map<string, Schema>();
  readonly #kindsOf: (definition: string, kind: string) => readonly GroupVersionKind[];

  /** `kindsOf` tells which kinds a definition stands for. */
  constructor(
    version: OpenApiVersion,
    kindsOf: (definition: string, kind: string) => readonly GroupVersionKind[],
  ) {
    this.#version = version;
    this.#kindsOf = kindsOf;
  }

  get descriptions(): Descriptions {
    return this.#descriptions;
  }

  /** All that was referred to, by name. */
  get all(): Schema {
    return Object.fromEntries(Array.from(this.#found).toSorted(([left], [right]) => (left < right ? -1 : 1)));
  }

  /** The name of a model's definition. Throws a `RangeError` for a model without one. */
  nameOf(model: string): string {
    const marks = this.#marks.get(model);
    if (marks === undefined) throw new RangeError(`Model ${model} has no definition`);
    return marks.definition;
  }

  /** Refers to a definition that was added, or has no fields. */
  ref(definition: string): string {
    if (!this.#found.has(definition)) {
      const schema = fieldlessDefinition(definition, this.#version);
      if (schema !== undefined) this.#found.set(definition, schema);
    }
    return prefixes[this.#version] + definition;
  }

  /** Adds a definition that was made elsewhere. */
  add(definition: string, schema: Schema): void {
    this.#found.set(definition, schema);
  }

  /** Adds a model with all that it is made of, and gives its definition's name. */
  addModel(model: string): string {
    const name = this.nameOf(model);
    if (this.#found.has(name)) return name;
    const schema: Schema = {};
    // It may refer to itself.
    this.#found.set(name, schema);
    Object.assign(schema, this.#describe(model));
    return name;
  }

  #describe(model: string): Schema {
    const fields = Array.from(apiSchemas.get(model).fields.values());
    const {
      definition,
      own,
      fields: marks,
    } = this.#marks.get(model) ?? { definition: "", own: {}, fields: new Map() };
    const [description = ""] = this.#descriptions.models[model] ?? [];
    const required = fields.filter((field) => field.required).map(({ name }) => name);
    const nullable = apiMessages.has(model) ? pointers(apiMessages.get(model), new Set()) : new Set<string>();
    const properties = fields.map((field) => {
      const isNullable = nullable.has(field.name);
      return [field.name, this.#field(model, field, marks.get(field.name) ?? {}, isNullable)] as const;
    });
    const kind = definition.slice(definition.lastIndexOf(".") + 1);
    const kinds = isKind(definition, kind, fields) ? this.#kindsOf(definition, kind) : [];
    return {
      ...(description === "" ? {} : { description }),
      type: "object",
      ...(required.length === 0 ? {} : { required }),
      ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
      ...marksOf(own),
      ...unionOf(own),
      ...(kinds.length === 0 ? {} : { "x-kubernetes-group-version-kind": kinds.map((one) => ({ ...one })) }),
    };
  }

  #field(model: string, field: FieldSchema, marks: TypeMarks, isPointer: boolean): Schema {
    const type = this.#type(field.type, `${model}.${field.name}`, marks);
    const description = this.#descriptions.models[model]?.[1][field.name] ?? "";
    return {
      ...(description === "" ? {} : { description }),
      ...type,
      ...this.#default(field, marks, isPointer),
      ...marksOf(marks),
      ...patchMarks(field, model),
    };
  }

  /** Defaults, which v2 leaves out; what is always there in Go has its zero value. */
  #default({ required, type }: FieldSchema, marks: TypeMarks, isPointer: boolean): Schema {
    if (this.#version === "v2") return {};
    if (marks.default !== undefined) return { default: JSON.parse(marks.default) };
    if (isPointer) return {};
    if (type.kind === "object") return { default: {} };
    const zero = required && type.kind === "scalar" ? scalarZeros[type.scalar] : undefined;
    return zero === undefined ? {} : { default: zero };
  }

  #reference(definition: string): Schema {
    const $ref = this.ref(definition);
    // Within v3 a reference that has siblings stands in `allOf`, as upstream writes it.
    return this.#version === "v2" ? { $ref } : { allOf: [{ $ref }] };
  }

  #type(type: TypeSchema, field: string, marks: TypeMarks): Schema {
    switch (type.kind) {
      case "scalar": {
        const definition = scalarDefinition(type.scalar, field);
        if (definition !== undefined) return this.#reference(definition);
        return {
          ...scalarSchema(type.scalar),
          ...(marks.enum === undefined ? {} : { enum: [...marks.enum] }),
        };
      }
      case "object":
        return this.#reference(this.addModel(type.model));
      case "list":
        return { type: "array", items: this.#element(type.items, field, marks) };
      case "map":
        return { type: "object", additionalProperties: this.#element(type.values, field, marks) };
    }
  }

  #element(type: TypeSchema, field: string, marks: TypeMarks): Schema {
    const schema = this.#type(type, field, marks);
    if (this.#version === "v2") return schema;
    const zero = type.kind === "object" ? {} : type.kind === "scalar" ? scalarZeros[type.scalar] : undefined;
    if (zero !== undefined) return { ...schema, default: zero };
    // Without siblings a reference stands by itself.
    const [only] = Array.isArray(schema.allOf) ? schema.allOf : [];
    return typeof only === "object" && only !== null && !Array.isArray(only) ? only : schema;
  }
}
