import type { FieldSchema, SchemaSet } from "../schema/schema.ts";

/** A message that JSON writes as one of several types (apiextensions `JSONSchemaPropsOrBool` and its like), or empty. */
export type UnionShape = "empty" | "schemaOrArray" | "schemaOrBool" | "schemaOrStringArray";

export interface MessageField {
  readonly field: FieldSchema;
  /** A pointer in Go: absent is not the same as zero. Others are always written, and zero means that they are not set. */
  readonly nullable: boolean;
  readonly shape?: UnionShape;
}

/** What a field number stands for: a field, or a message whose own fields JSON has inlined. */
type MessageEntry = MessageField | MessageEntries;
export type MessageEntries = ReadonlyMap<number, MessageEntry>;
type OpenEntries = Map<number, MessageField | OpenEntries>;

const shapes: readonly string[] = [
  "schemaOrArray",
  "schemaOrBool",
  "schemaOrStringArray",
] satisfies UnionShape[];

function isShape(text: string | undefined): text is UnionShape {
  return text !== undefined && shapes.includes(text);
}

function addEntry(entries: OpenEntries, path: readonly number[], field: MessageField): void {
  const [number = 0, ...rest] = path;
  if (rest.length === 0) {
    entries.set(number, field);
    return;
  }
  const inner = entries.get(number);
  const inlined: OpenEntries = inner instanceof Map ? inner : new Map();
  entries.set(number, inlined);
  addEntry(inlined, rest, field);
}

/**
 * The field numbers of models, read on demand from compact lines such as `name=1 emptyDir?=2.2 items?=20:schemaOrArray`:
 * `2.2` is field 2 of a message in field 2 that JSON has inlined, `?` marks pointers.
 */
export class MessageSet {
  readonly schemas: SchemaSet;
  readonly #tables: Readonly<Record<string, string>>;
  readonly #parsed = new Map<string, MessageEntries>();

  constructor(tables: Readonly<Record<string, string>>, schemas: SchemaSet) {
    this.#tables = tables;
    this.schemas = schemas;
  }

  has(model: string): boolean {
    return Object.hasOwn(this.#tables, model);
  }

  /** Throws a `RangeError` for a model without a table. */
  get(model: string): MessageEntries {
    const known = this.#parsed.get(model);
    if (known !== undefined) return known;
    const table = this.#tables[model];
    if (table === undefined) throw new RangeError(`Model ${model} has no field numbers`);
    const { fields } = this.schemas.get(model);
    const entries: OpenEntries = new Map();
    for (const entry of table.split(" ").filter((text) => text !== "")) {
      const [name = "", place = ""] = entry.split("=");
      const [path = "", shape] = place.split(":");
      const field = fields.get(name.replace(/\?$/, ""));
      if (field === undefined) throw new RangeError(`Model ${model} has no field ${name}`);
      const nullable = name.endsWith("?");
      addEntry(entries, path.split(".").map(Number), {
        field,
        nullable,
        ...(isShape(shape) ? { shape } : {}),
      });
    }
    this.#parsed.set(model, entries);
    return entries;
  }
}
