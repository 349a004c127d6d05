import { isJsonObject, type JsonObject, type JsonValue } from "../apimachinery/json/json-value.ts";

/** How much text of parts is remembered before all are forgotten. */
const maxChars = 1024 * 1024;
/** A larger part is like no other. */
const maxPartChars = 16 * 1024;

/**
 * Lets objects share the parts in which they are alike. Objects made of one template, as Pods are, differ in few fields;
 * kept each by itself they are most of what informers hold. Nobody may change an object that was shared.
 */
export class SharedParts {
  /** Parts by their text. */
  readonly #parts = new Map<string, JsonValue>();
  #chars = 0;

  /** The value made of parts that were seen before, as far as there are such; `value` may be changed. */
  share<T extends JsonValue | undefined>(value: T): T {
    // What is given back says the same, so it has the same type.
    return (value === undefined ? value : this.#share(value)) as T;
  }

  #share(value: JsonValue): JsonValue {
    if (typeof value !== "object" || value === null) return value;
    const text = JSON.stringify(value);
    const known = this.#parts.get(text);
    if (known !== undefined) return known;
    if (Array.isArray(value)) for (const [index, item] of value.entries()) value[index] = this.#share(item);
    else this.#shareFields(value);
    if (text.length <= maxPartChars) this.#remember(text, value);
    return value;
  }

  #shareFields(object: JsonObject): void {
    for (const name of Object.keys(object)) {
      const field = object[name];
      if (isJsonObject(field) || Array.isArray(field)) object[name] = this.#share(field);
    }
  }

  #remember(text: string, part: JsonValue): void {
    this.#chars += text.length;
    if (this.#chars > maxChars) {
      this.#parts.clear();
      this.#chars = text.length;
    }
    this.#parts.set(text, part);
  }
}
