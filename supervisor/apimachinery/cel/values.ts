/**
 * What expressions work on. An int is a bigint, a double a number, a text a string; everything else has a class. Lists
 * and maps over JSON are views that make values of the parts that are looked at.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | CelUint
  | CelTimestamp
  | CelDuration
  | CelList
  | CelMap
  | CelOptional
  | CelTypeValue
  | CelForeign;

export class CelUint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970 in UTC. */
export class CelTimestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Nanoseconds. */
export class CelDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export abstract class CelList {
  abstract readonly size: number;
  /** `index` is less than the size. */
  abstract at(index: number): CelValue;
  /** Lists that are sets or maps by their schema are equal in any order, and merge where they are added. */
  readonly semantics: ListSemantics | undefined = undefined;

  *[Symbol.iterator](): Iterator<CelValue> {
    for (let index = 0; index < this.size; index++) yield this.at(index);
  }
}

/** `keys` are the fields that tell a map's items apart; absent for a set. */
export interface ListSemantics {
  readonly keys?: readonly string[];
}

export class ListValue extends CelList {
  readonly items: CelValue[];
  override readonly semantics: ListSemantics | undefined;

  constructor(items: CelValue[], semantics?: ListSemantics) {
    super();
    this.items = items;
    this.semantics = semantics;
  }

  get size(): number {
    return this.items.length;
  }

  at(index: number): CelValue {
    return this.items[index] ?? null;
  }

  override [Symbol.iterator](): Iterator<CelValue> {
    return this.items[Symbol.iterator]();
  }
}

/** Maps, and objects, whose keys are their fields. */
export abstract class CelMap {
  abstract readonly size: number;
  abstract get(key: CelValue): CelValue | undefined;
  abstract keys(): Iterable<CelValue>;

  has(key: CelValue): boolean {
    return this.get(key) !== undefined;
  }
}

type MapKey = string | bigint | boolean;

/** One form for all keys that are equal; undefined for what can be no key. */
function mapKey(key: CelValue): MapKey | undefined {
  if (typeof key === "string" || typeof key === "bigint" || typeof key === "boolean") return key;
  if (key instanceof CelUint) return key.value;
  if (typeof key === "number" && Number.isInteger(key)) return BigInt(key);
  return undefined;
}

export class MapValue extends CelMap {
  readonly #entries = new Map<MapKey, readonly [CelValue, CelValue]>();

  /** False where the key is there already or can be none. */
  add(key: CelValue, value: CelValue): boolean {
    const normal = mapKey(key);
    if (normal === undefined || this.#entries.has(normal)) return false;
    this.#entries.set(normal, [key, value]);
    return true;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    const normal = mapKey(key);
    return normal === undefined ? undefined : this.#entries.get(normal)?.[1];
  }

  *keys(): Iterable<CelValue> {
    for (const [key] of this.#entries.values()) yield key;
  }
}

/** An object that an expression made: `Object.spec{replicas: 1}`. */
export class StructValue extends CelMap {
  readonly typeName: string;
  readonly #fields: ReadonlyMap<string, CelValue>;

  constructor(typeName: string, fields: ReadonlyMap<string, CelValue>) {
    super();
    this.typeName = typeName;
    this.#fields = fields;
  }

  get size(): number {
    return this.#fields.size;
  }

  get(key: CelValue): CelValue | undefined {
    return typeof key === "string" ? this.#fields.get(key) : undefined;
  }

  keys(): Iterable<string> {
    return this.#fields.keys();
  }
}

/** Fields that are found out when they are first looked at, each once. */
export class LazyFields extends CelMap {
  readonly #makers: ReadonlyMap<string, () => CelValue>;
  readonly #known = new Map<string, CelValue>();

  constructor(makers: ReadonlyMap<string, () => CelValue>) {
    super();
    this.#makers = makers;
  }

  get size(): number {
    return this.#makers.size;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return undefined;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const value = this.#makers.get(key)?.();
    if (value !== undefined) this.#known.set(key, value);
    return value;
  }

  override has(key: CelValue): boolean {
    return typeof key === "string" && this.#makers.has(key);
  }

  keys(): Iterable<string> {
    return this.#makers.keys();
  }
}

export class CelOptional {
  static readonly none = new CelOptional(undefined);
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

export class CelTypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A value of a library's own type, such as `kubernetes.URL`. */
export abstract class CelForeign {
  abstract readonly typeName: string;
  abstract equals(other: CelForeign): boolean;
}

/** The name of a value's type at run time. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return "null_type";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "string":
      return "string";
    default:
      return objectTypeName(value);
  }
}

function objectTypeName(value: Exclude<CelValue, null | boolean | bigint | number | string>): string {
  if (value instanceof CelList) return "list";
  if (value instanceof StructValue || value instanceof CelForeign) return value.typeName;
  if (value instanceof CelMap) return "map";
  if (value instanceof CelUint) return "uint";
  if (value instanceof CelTimestamp) return "google.protobuf.Timestamp";
  if (value instanceof CelDuration) return "google.protobuf.Duration";
  if (value instanceof CelOptional) return "optional_type";
  if (value instanceof CelTypeValue) return "type";
  return "bytes";
}
