import { CelError } from "./cel-error.ts";
import type { DeclType } from "./decl-type.ts";
import { parseDuration, parseTimestamp } from "./time-texts.ts";
import { CelList, CelMap, type CelValue, type ListSemantics } from "./values.ts";

/**
 * The value of a part of an object. With `type` texts become times, durations and bytes, and numbers are of the
 * schema's type; without, a whole number is an int. Throws a {@link CelError} where a text is not of its format.
 */
export function celFromJson(json: unknown, type?: DeclType): CelValue {
  if (json === null || json === undefined) return null;
  if (typeof json === "number") {
    if (type?.type.kind === "double" || !Number.isInteger(json)) return json;
    return BigInt(json);
  }
  if (typeof json === "string") return textValue(json, type);
  if (typeof json === "boolean" || typeof json === "bigint") return json;
  if (Array.isArray(json)) return new JsonList(json, type);
  // JSON has nothing else than objects.
  return new JsonMap(json as Readonly<Record<string, unknown>>, type);
}

function textValue(text: string, type: DeclType | undefined): CelValue {
  switch (type?.type.kind) {
    case "timestamp": {
      const time = parseTimestamp(text) ?? parseTimestamp(`${text}T00:00:00Z`);
      if (time === undefined) throw new CelError(`Invalid date-time formatted string ${text}, value`);
      return time;
    }
    case "duration": {
      const duration = parseDuration(text);
      if (duration === undefined) throw new CelError(`Invalid duration ${text}, value`);
      return duration;
    }
    case "bytes":
      return new Uint8Array(Buffer.from(text, "base64"));
    default:
      return text;
  }
}

class JsonList extends CelList {
  readonly json: readonly unknown[];
  readonly #type: DeclType | undefined;
  readonly #values: CelValue[] = [];
  override readonly semantics: ListSemantics | undefined;

  constructor(json: readonly unknown[], type?: DeclType) {
    super();
    this.json = json;
    this.#type = type?.element;
    this.semantics = type?.semantics;
  }

  get size(): number {
    return this.json.length;
  }

  at(index: number): CelValue {
    const known = this.#values[index];
    if (known !== undefined) return known;
    const value = celFromJson(this.json[index], this.#type);
    this.#values[index] = value;
    return value;
  }
}

export class JsonMap extends CelMap {
  readonly json: Readonly<Record<string, unknown>>;
  readonly #type: DeclType | undefined;
  readonly #values = new Map<string, CelValue>();

  constructor(json: Readonly<Record<string, unknown>>, type?: DeclType) {
    super();
    this.json = json;
    this.#type = type;
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return undefined;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const field = this.#type?.fields?.get(key);
    const name = field?.name ?? key;
    if (!Object.hasOwn(this.json, name)) return undefined;
    const json = this.json[name];
    if (json === undefined) return undefined;
    const value = celFromJson(json, field?.type ?? this.#type?.element);
    this.#values.set(key, value);
    return value;
  }

  keys(): Iterable<string> {
    const fields = this.#type?.fields;
    if (fields === undefined) return Object.keys(this.json);
    return Array.from(fields).flatMap(([key, { name }]) => (Object.hasOwn(this.json, name) ? [key] : []));
  }
}
