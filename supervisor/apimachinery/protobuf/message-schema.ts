import type { FieldSchema, SchemaSet } from "../schema/schema.ts";

export interface MessageField {
  readonly field: FieldSchema;
  /** A scalar that means something where it is zero: elsewhere zero means that it is not set. */
  readonly keepsZero: boolean;
}

/** What a field number stands for: a field, or a message whose own fields JSON has inlined. */
export type MessageEntry = MessageField | ReadonlyMap<number, MessageEntry>;
type OpenEntries = Map<number, MessageField | OpenEntries>;

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

/** The field numbers of models, read from compact lines such as `name=1 emptyDir=2.2 optional?=3` on demand. */
export class MessageSet {
  readonly #tables: Readonly<Record<string, string>>;
  readonly #schemas: SchemaSet;
  readonly #parsed = new Map<string, ReadonlyMap<number, MessageEntry>>();

  constructor(tables: Readonly<Record<string, string>>, schemas: SchemaSet) {
    this.#tables = tables;
    this.#schemas = schemas;
  }

  /** Throws a `RangeError` for a model without a table. */
  get(model: string): ReadonlyMap<number, MessageEntry> {
    const known = this.#parsed.get(model);
    if (known !== undefined) return known;
    const table = this.#tables[model];
    if (table === undefined) throw new RangeError(`Model ${model} has no field numbers`);
    const { fields } = this.#schemas.get(model);
    const entries: OpenEntries = new Map();
    for (const entry of table.split(" ").filter((text) => text !== "")) {
      const [name = "", path = ""] = entry.split("=");
      const field = fields.get(name.replace(/\?$/, ""));
      if (field === undefined) throw new RangeError(`Model ${model} has no field ${name}`);
      addEntry(entries, path.split(".").map(Number), { field, keepsZero: name.endsWith("?") });
    }
    this.#parsed.set(model, entries);
    return entries;
  }
}
