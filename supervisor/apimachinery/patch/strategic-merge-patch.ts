/**
 * Strategic merge patch (apimachinery `pkg/util/strategicpatch`): a merge patch that knows from the model which lists
 * are merged by a key, with the directives `$patch`, `$retainKeys`, `$setElementOrder/…` and
 * `$deleteFromPrimitiveList/…`.
 */
import {
  cloneJson,
  equalJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  setField,
} from "../json/json-value.ts";
import type { FieldSchema, SchemaSet, TypeSchema } from "../schema/schema.ts";
import { PatchError } from "./json-patch.ts";
import { orderMergedList } from "./list-order.ts";

const orderPrefix = "$setElementOrder/";
const removalPrefix = "$deleteFromPrimitiveList/";

class StrategicMerger {
  readonly #schemas: SchemaSet;

  constructor(schemas: SchemaSet) {
    this.#schemas = schemas;
  }

  mergeObject(target: JsonObject, patch: JsonObject, type: TypeSchema | undefined): JsonObject {
    const directive = patch.$patch;
    if (directive === "replace") return withoutDirectives(patch);
    if (directive === "delete") return {};
    if (directive !== undefined && directive !== "merge") {
      throw new PatchError(`unknown patch type found: ${JSON.stringify(directive)}`);
    }
    retainKeys(target, patch.$retainKeys);
    for (const key of Object.keys(patch)) {
      if (key === "$patch" || key === "$retainKeys") continue;
      if (key.startsWith("$")) this.#listDirective(target, patch, key, type);
      else this.#mergeField(target, patch, key, type);
    }
    return target;
  }

  /** Directives for lists whose own patch is absent; the others are minded with the list. */
  #listDirective(target: JsonObject, patch: JsonObject, key: string, type: TypeSchema | undefined): void {
    const field = key.slice(key.indexOf("/") + 1);
    const list = target[field];
    if (patch[field] !== undefined || !Array.isArray(list)) return;
    const schema = this.#field(type, field);
    target[field] = this.#mergeList(list, [], patch, field, schema);
  }

  #mergeField(target: JsonObject, patch: JsonObject, key: string, type: TypeSchema | undefined): void {
    const value = patch[key];
    if (value === null || value === undefined) {
      delete target[key];
      return;
    }
    const schema = this.#field(type, key);
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isJsonObject(value)) {
      const merged = this.mergeObject(isJsonObject(present) ? present : {}, value, schema?.type);
      if (value.$patch === "delete") delete target[key];
      else setField(target, key, merged);
    } else if (Array.isArray(value) && schema?.mergeKey !== undefined) {
      target[key] = this.#mergeList(Array.isArray(present) ? present : [], value, patch, key, schema);
    } else setField(target, key, cloneJson(value));
  }

  #field(type: TypeSchema | undefined, name: string): FieldSchema | undefined {
    if (type?.kind === "object") return this.#schemas.get(type.model).fields.get(name);
    if (type?.kind !== "map") return undefined;
    return { name, type: type.values, required: false, retainKeys: false };
  }

  #mergeList(
    target: readonly JsonValue[],
    patch: readonly JsonValue[],
    owner: JsonObject,
    field: string,
    schema: FieldSchema | undefined,
  ): JsonValue[] {
    const order = owner[`${orderPrefix}${field}`];
    const removed = owner[`${removalPrefix}${field}`];
    const mergeKey = schema?.mergeKey ?? "";
    const merged =
      mergeKey === ""
        ? mergeValues(target, patch, removed)
        : this.#mergeItems(target, patch, mergeKey, schema?.type);
    return Array.isArray(order) ? orderMergedList(merged, target, order, mergeKey) : merged;
  }

  #mergeItems(
    target: readonly JsonValue[],
    patch: readonly JsonValue[],
    mergeKey: string,
    type: TypeSchema | undefined,
  ): JsonValue[] {
    const items = patch.map((item) => itemOf(item, mergeKey));
    if (items.some((item) => item.$patch === "replace")) {
      return items.filter((item) => item[mergeKey] !== undefined).map(withoutDirectives);
    }
    let merged = [...target];
    const itemType = type?.kind === "list" ? type.items : undefined;
    for (const item of items) {
      const matches = (other: JsonValue) => isJsonObject(other) && equalJson(other[mergeKey], item[mergeKey]);
      if (item.$patch === "delete") {
        merged = merged.filter((other) => !matches(other));
        continue;
      }
      const index = merged.findIndex(matches);
      const present = merged[index];
      const next = this.mergeObject(isJsonObject(present) ? present : {}, item, itemType);
      if (index < 0) merged.push(next);
      else merged[index] = next;
    }
    return merged;
  }
}

function itemOf(item: JsonValue, mergeKey: string): JsonObject {
  if (!isJsonObject(item))
    throw new PatchError(`map: map[] does not contain declared merge key: ${mergeKey}`);
  if (item[mergeKey] === undefined && item.$patch !== "replace") {
    const shown = Object.keys(item).join(" ");
    throw new PatchError(`map: map[${shown}] does not contain declared merge key: ${mergeKey}`);
  }
  return item;
}

function mergeValues(
  target: readonly JsonValue[],
  patch: readonly JsonValue[],
  removed: JsonValue | undefined,
): JsonValue[] {
  const gone = Array.isArray(removed) ? removed : [];
  const kept = target.filter((value) => !gone.some((other) => equalJson(other, value)));
  const added = patch.filter((value) => !kept.some((other) => equalJson(other, value)));
  return [...kept, ...added];
}

function retainKeys(target: JsonObject, retained: JsonValue | undefined): void {
  if (!Array.isArray(retained)) return;
  for (const key of Object.keys(target)) if (!retained.includes(key)) delete target[key];
}

function withoutDirectives(patch: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (!key.startsWith("$") && value !== undefined) setField(result, key, cloneJson(value));
  }
  return result;
}

/**
 * Applies a patch to an object of a model. The target may be changed; the result may share parts with it.
 * Throws a {@link PatchError}.
 */
export function applyStrategicMergePatch(
  schemas: SchemaSet,
  model: string,
  target: JsonObject,
  patch: JsonValue,
): JsonObject {
  if (!isJsonObject(patch)) throw new PatchError("a strategic merge patch is an object");
  return new StrategicMerger(schemas).mergeObject(target, patch, { kind: "object", model });
}
