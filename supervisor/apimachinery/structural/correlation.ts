import { equalJson, isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { fieldOf, type Structural } from "./structural.ts";

/**
 * A value beside the one that stood there before an update. What was wrong already and is the same is not held against
 * the update (apiserver `pkg/cel/common`, CRDValidationRatcheting).
 */
export class Correlation {
  readonly #structural: Structural | undefined;
  #isUnchanged: boolean | undefined;

  constructor(
    readonly value: JsonValue | undefined,
    readonly old: JsonValue | undefined,
    structural: Structural | undefined,
  ) {
    this.#structural = structural;
  }

  get isUnchanged(): boolean {
    this.#isUnchanged ??= equalJson(this.value, this.old);
    return this.#isUnchanged;
  }

  /** The pair of a field's values; undefined where one of them is absent. */
  field(name: string): Correlation | undefined {
    if (!isJsonObject(this.value) || !isJsonObject(this.old)) return undefined;
    const value = this.value[name];
    const old = this.old[name];
    const structural = fieldOf(this.#structural, name);
    if (value === undefined || old === undefined || structural === undefined) return undefined;
    return new Correlation(value, old, structural);
  }

  /** The pair of a list's item, which is found by its keys; items of other lists have none. */
  item(index: number): Correlation | undefined {
    if (!Array.isArray(this.value) || !Array.isArray(this.old)) return undefined;
    if (this.#structural?.listType !== "map") return undefined;
    const value = this.value[index];
    const { listMapKeys, items } = this.#structural;
    const old = oldItem(value, this.old, listMapKeys);
    return old === undefined ? undefined : new Correlation(value, old, items);
  }
}

/** The item of a list that has the same keys as `value`. */
export function oldItem(
  value: JsonValue | undefined,
  list: readonly JsonValue[],
  keys: readonly string[],
): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  return list.filter(isJsonObject).find((item) => keys.every((key) => equalJson(item[key], value[key])));
}
