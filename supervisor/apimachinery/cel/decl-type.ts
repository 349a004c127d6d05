import type { CelType } from "./types.ts";
import type { ListSemantics } from "./values.ts";

/** A type by a schema: what the checker knows it as, and how JSON of it becomes values. */
export interface DeclType {
  readonly type: CelType;
  /** The items of a list, the values of a map. */
  readonly element?: DeclType;
  /** The fields of an object, by the names that expressions use. */
  readonly fields?: ReadonlyMap<string, DeclField>;
  readonly semantics?: ListSemantics;
  /** The most characters, bytes, items or entries that there can be, by the schema or by the size of requests. */
  readonly maxElements?: number;
  /** The fewest bytes that a value takes in a request; 1 if absent. */
  readonly minSizeBytes?: number;
}

export interface DeclField {
  /** The name in JSON. */
  readonly name: string;
  readonly type: DeclType;
}
