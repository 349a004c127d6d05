/** Writes OpenAPI documents in protobuf, which kubectl asks of v2. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../apimachinery/json/json-value.ts";
import { ProtobufWriter, wireTypes } from "../../apimachinery/protobuf/protobuf-writer.ts";
import { nextTurn } from "../handlers/next-turn.ts";
import { v2Shapes, v3Shapes } from "./document-shapes.ts";
import type { OpenApiVersion } from "./spec-types.ts";

interface ShapeField {
  readonly name: string;
  readonly number: number;
  readonly shape: string;
}

/** The one field that a value of several possible shapes is written in; undefined where it has no shape at all. */
type Choice = (value: JsonValue) => readonly [number: number, shape: string] | undefined;

function isReference(value: JsonValue): boolean {
  return isJsonObject(value) && value.$ref !== undefined;
}

function place(value: JsonValue): JsonValue | undefined {
  return isJsonObject(value) ? value.in : undefined;
}

const choicesV2: Readonly<Record<string, Choice>> = {
  ParametersItem: (value) => (isReference(value) ? [2, "JsonReference"] : [1, "Parameter"]),
  Parameter: (value) => (place(value) === "body" ? [1, "BodyParameter"] : [2, "NonBody"]),
  NonBody: (value) => (place(value) === "path" ? [4, "PathParameter"] : [3, "QueryParameter"]),
  ResponseValue: () => [1, "Response"],
  SchemaItem: () => [1, "Schema"],
  Additional: (value) => (typeof value === "boolean" ? [2, "b"] : [1, "Schema"]),
  TypeItem: () => [1, "s"],
  SecurityItem: () => [2, "ApiKey"],
  Scopes: () => undefined,
};

const choicesV3: Readonly<Record<string, Choice>> = {
  ParameterItem: (value) => (isReference(value) ? [2, "Reference"] : [1, "Parameter"]),
  BodyItem: () => [1, "RequestBody"],
  ResponseItem: () => [1, "Response"],
  SchemaOrReference: (value) => (isReference(value) ? [2, "Reference"] : [1, "Schema"]),
  SecurityItem: () => [1, "SecurityScheme"],
  Items: () => [1, "SchemaOrReference"],
  Additional: (value) => (typeof value === "boolean" ? [2, "b"] : [1, "SchemaOrReference"]),
  Default: (value) => {
    if (typeof value === "number") return [1, "d"];
    if (typeof value === "boolean") return [2, "b"];
    return typeof value === "string" ? [3, "s"] : undefined;
  },
};

const scalarWireTypes: Readonly<Record<string, number>> = {
  b: wireTypes.varint,
  i: wireTypes.varint,
  d: wireTypes.fixed64,
};

function parseShape(table: string): readonly ShapeField[] {
  return table
    .split(" ")
    .map((entry) => {
      const [name = "", rest = ""] = entry.split("=");
      const [number = "", shape = ""] = rest.split(":");
      return { name, number: Number(number), shape };
    })
    .toSorted((left, right) => right.number - left.number);
}

/** How many paths or definitions are written in one go. */
const entriesATurn = 40;

interface NamedShape {
  readonly number: number;
  readonly shape: string;
}

/** `{2}PathItem`: named values in field 2. */
function namedShape(shape: string): NamedShape | undefined {
  const match = /^\{(\d+)\}(.*)$/.exec(shape);
  return match === null ? undefined : { number: Number(match[1]), shape: match[2] ?? "" };
}

class DocumentEncoder {
  readonly #writer = new ProtobufWriter();
  readonly #choices: Readonly<Record<string, Choice>>;
  readonly #shapes: ReadonlyMap<string, readonly ShapeField[]>;

  constructor(version: OpenApiVersion) {
    this.#choices = version === "v2" ? choicesV2 : choicesV3;
    const tables = Object.entries(version === "v2" ? v2Shapes : v3Shapes);
    this.#shapes = new Map(tables.map(([name, table]) => [name, parseShape(table)] as const));
  }

  /** Paths and definitions are many: others have their turn in between. */
  async encode(document: JsonObject): Promise<Buffer> {
    for (const { name, number, shape } of this.#shapes.get("Document") ?? []) {
      const value = document[name];
      if (value === undefined) continue;
      const named = namedShape(shape);
      if (named === undefined || !isJsonObject(value)) {
        this.#field(number, shape, value);
        continue;
      }
      const since = this.#writer.length;
      const entries = Object.entries(value).toReversed();
      for (let start = 0; start < entries.length; start += entriesATurn) {
        if (start > 0) await nextTurn();
        this.#entries(named, entries.slice(start, start + entriesATurn));
      }
      this.#writer.close(since);
      this.#writer.tag(number, wireTypes.bytes);
    }
    return this.#writer.finish();
  }

  #field(number: number, shape: string, value: JsonValue): void {
    if (shape.startsWith("[]")) {
      const list = Array.isArray(value) ? value : [];
      for (const item of list.toReversed()) this.#field(number, shape.slice(2), item);
      return;
    }
    this.#value(shape, value);
    this.#writer.tag(number, scalarWireTypes[shape] ?? wireTypes.bytes);
  }

  #value(shape: string, value: JsonValue): void {
    const writer = this.#writer;
    if (shape === "s") writer.text(String(value));
    else if (shape === "b") writer.varint(value === true ? 1 : 0);
    else if (shape === "i") writer.varint(Number(value));
    else if (shape === "d") writer.double(Number(value));
    else {
      const since = writer.length;
      this.#content(shape, value);
      writer.close(since);
    }
  }

  #content(shape: string, value: JsonValue): void {
    const named = namedShape(shape);
    const choice = this.#choices[shape];
    if (shape === "any") {
      // JSON is YAML.
      this.#field(2, "s", JSON.stringify(value));
    } else if (named !== undefined) this.#named(named, value);
    else if (choice === undefined) this.#message(shape, isJsonObject(value) ? value : {});
    else {
      const chosen = choice(value);
      if (chosen !== undefined) this.#field(...chosen, value);
    }
  }

  #named(named: NamedShape, value: JsonValue): void {
    this.#entries(named, Object.entries(isJsonObject(value) ? value : {}).toReversed());
  }

  /** Entries in reverse order. */
  #entries({ number, shape }: NamedShape, entries: ReadonlyArray<[string, JsonValue | undefined]>): void {
    for (const [name, inner] of entries) {
      if (inner === undefined) continue;
      const since = this.#writer.length;
      this.#field(2, shape, inner);
      this.#field(1, "s", name);
      this.#writer.close(since);
      this.#writer.tag(number, wireTypes.bytes);
    }
  }

  #message(shape: string, object: JsonObject): void {
    for (const field of this.#shapes.get(shape) ?? []) {
      if (field.name === "x") {
        const extensions = Object.entries(object).filter(([name]) => name.startsWith("x-"));
        this.#named({ number: field.number, shape: "any" }, Object.fromEntries(extensions));
        continue;
      }
      const value = object[field.name];
      if (value !== undefined) this.#field(field.number, field.shape, value);
    }
  }
}

export function encodeDocument(version: OpenApiVersion, document: JsonObject): Promise<Buffer> {
  return new DocumentEncoder(version).encode(document);
}
