/**
 * What a model's fields are, for decoding, patching and describing objects. Tables hold one compact line a model, such
 * as `name! string;ports []V1ContainerPort merge=containerPort`; they are read when a model is first needed.
 */
export type ScalarType =
  | "string"
  | "bytes"
  | "bool"
  | "int32"
  | "int64"
  | "double"
  | "time"
  | "microTime"
  | "quantity"
  | "intOrString"
  | "any";

export type TypeSchema =
  | { readonly kind: "scalar"; readonly scalar: ScalarType }
  | { readonly kind: "list"; readonly items: TypeSchema }
  | { readonly kind: "map"; readonly values: TypeSchema }
  | { readonly kind: "object"; readonly model: string };

export interface FieldSchema {
  readonly name: string;
  readonly type: TypeSchema;
  readonly required: boolean;
  /** The key by which strategic merge patch matches a list's items, empty for plain values; absent: it replaces. */
  readonly mergeKey?: string;
  /** Strategic merge patch minds `$retainKeys` here. */
  readonly retainKeys: boolean;
  /** Absent it stays absent although it is required: a pointer in Go. */
  readonly nullable: boolean;
  /** Go's JSON omits its zero value: an empty text, list or map, 0, false. */
  readonly omitted: boolean;
  /** Always there although it is not required: not a pointer in Go, nor omitted. Lists and times are null then. */
  readonly written: boolean;
}

export interface ObjectSchema {
  readonly model: string;
  readonly fields: ReadonlyMap<string, FieldSchema>;
  /** The fields that Go always writes and that have a zero value: they have it where nobody gave them. */
  readonly zeroed: readonly FieldSchema[];
}

const scalars: ReadonlySet<string> = new Set<ScalarType>([
  "string",
  "bytes",
  "bool",
  "int32",
  "int64",
  "double",
  "time",
  "microTime",
  "quantity",
  "intOrString",
  "any",
]);

function isScalar(text: string): text is ScalarType {
  return scalars.has(text);
}

function parseType(text: string): TypeSchema {
  if (text.startsWith("[]")) return { kind: "list", items: parseType(text.slice(2)) };
  if (text.startsWith("{}")) return { kind: "map", values: parseType(text.slice(2)) };
  return isScalar(text) ? { kind: "scalar", scalar: text } : { kind: "object", model: text };
}

function parseField(text: string): FieldSchema {
  const [name = "", type = "", ...marks] = text.split(" ");
  const mergeKey = marks.find((mark) => mark.startsWith("merge="))?.slice("merge=".length);
  const required = name.endsWith("!");
  const fieldType = parseType(type);
  return {
    name: name.replace(/!$/, ""),
    type: fieldType,
    required,
    retainKeys: marks.includes("retainKeys"),
    nullable: marks.includes("nullable"),
    omitted: canBeOmitted(fieldType) && (required ? marks.includes("omitted") : !isKept(marks)),
    written: marks.includes("written"),
    ...(mergeKey === undefined ? {} : { mergeKey }),
  };
}

/** Structs and what Go holds as structs are never omitted for their value. */
function canBeOmitted(type: TypeSchema): boolean {
  if (type.kind !== "scalar") return type.kind !== "object";
  return ["string", "bytes", "bool", "int32", "int64", "double"].includes(type.scalar);
}

function isKept(marks: readonly string[]): boolean {
  return marks.includes("kept") || marks.includes("written");
}

/** A required list, map or time is not made up: it is missed. */
function isZeroed({ type, required, written, nullable, omitted }: FieldSchema): boolean {
  if (written) return true;
  if (!required || nullable || omitted) return false;
  if (type.kind === "scalar") return !["any", "time", "microTime", "quantity"].includes(type.scalar);
  return type.kind === "object";
}

/** Models by name. */
export class SchemaSet {
  readonly #tables: Readonly<Record<string, string>>;
  readonly #parsed = new Map<string, ObjectSchema>();

  constructor(tables: Readonly<Record<string, string>>) {
    this.#tables = tables;
  }

  has(model: string): boolean {
    return Object.hasOwn(this.#tables, model);
  }

  /** Throws a `RangeError` for a model that no table has: a fault in a resource definition. */
  get(model: string): ObjectSchema {
    const known = this.#parsed.get(model);
    if (known) return known;
    const table = this.#tables[model];
    if (table === undefined) throw new RangeError(`Model ${model} has no schema`);
    const fields = table === "" ? [] : table.split(";").map(parseField);
    const schema = {
      model,
      fields: new Map(fields.map((field) => [field.name, field])),
      zeroed: fields.filter(isZeroed),
    };
    this.#parsed.set(model, schema);
    return schema;
  }
}
