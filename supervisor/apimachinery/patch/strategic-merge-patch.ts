/**
 * Strategic merge patch (apimachinery `pkg/util/strategicpatch`): a merge patch that knows from the model which lists
 * are merged by a key, with the directives `$patch`, `$retainKeys`, `$setElementOrder/…` and
 * `$deleteFromPrimitiveList/…`.
 */
import { goValue } from "../json/go-value.ts";
import { cloneJson, isJsonObject, type JsonObject, type JsonValue, setField } from "../json/json-value.ts";
import type { FieldSchema, SchemaSet, TypeSchema } from "../schema/schema.ts";
import { orderMergedList } from "./list-order.ts";
import { PatchError } from "./patch-error.ts";

const orderDirective = "$setElementOrder";
const removalDirective = "$deleteFromPrimitiveList";
const retainDirective = "$retainKeys";

/** The list that a directive is about. Throws a {@link PatchError} for one that names none. */
function listOf(key: string, directive: string): string {
  if (key.startsWith(`${directive}/`)) return key.slice(directive.length + 1);
  const what = directive === orderDirective ? "setElementOrder list" : "primitive list";
  throw new PatchError(`invalid patch format of ${what}`, "malformed");
}

function noMergeKey(item: JsonObject, mergeKey: string): PatchError {
  return new PatchError(
    `map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`,
    "malformed",
  );
}

function unknownDirective(patch: JsonObject): PatchError {
  return new PatchError(
    `unknown patch type: ${goValue(patch.$patch)} in map: ${goValue(patch)}`,
    "malformed",
  );
}

/** A value that was not there before, without nulls and without what is a directive. */
function newValue(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const kept = item === null ? null : newValue(item);
      return kept === undefined ? [] : [kept];
    });
  }
  if (!isJsonObject(value)) return value;
  if (value.$patch !== undefined) return undefined;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    const field = value[key];
    const kept = field === null || field === undefined ? undefined : newValue(field);
    if (kept !== undefined) setField(result, key, kept);
  }
  return result;
}

function withoutDirective(patch: JsonObject): JsonObject {
  const { $patch: _directive, ...rest } = cloneJson(patch);
  return rest;
}

/** Throws a {@link PatchError} where items are of several types, or lists. */
function checkItems(...lists: ReadonlyArray<readonly JsonValue[]>): void {
  const items = lists.flat();
  if (items.some((item) => Array.isArray(item))) {
    throw new PatchError("lists of lists are not supported", "unprocessable");
  }
  if (new Set(items.map((item) => typeof item)).size > 1) {
    throw new PatchError(`list element types are not identical: ${goValue(lists as JsonValue)}`, "malformed");
  }
}

class StrategicMerger {
  readonly #schemas: SchemaSet;

  constructor(schemas: SchemaSet) {
    this.#schemas = schemas;
  }

  mergeObject(target: JsonObject, patch: JsonObject, type: TypeSchema | undefined): JsonObject {
    if (patch.$patch === "replace") return withoutDirective(patch);
    if (patch.$patch === "delete") return {};
    if (patch.$patch !== undefined) throw unknownDirective(patch);
    retainKeys(target, patch);
    const done = new Set<string>([retainDirective]);
    for (const key of Object.keys(patch)) {
      if (!key.startsWith(orderDirective)) continue;
      const field = listOf(key, orderDirective);
      done.add(key).add(field);
      this.#mergeOrdered(target, patch, field, type);
    }
    for (const key of Object.keys(patch)) {
      if (done.has(key)) continue;
      if (key.startsWith(removalDirective)) removeValues(target, listOf(key, removalDirective), patch[key]);
      else this.#mergeField(target, patch, key, type);
    }
    return target;
  }

  #mergeField(target: JsonObject, patch: JsonObject, key: string, type: TypeSchema | undefined): void {
    const value = patch[key];
    if (value === null || value === undefined) {
      delete target[key];
      return;
    }
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    const schema = this.#field(type, key);
    if (isJsonObject(value) && isJsonObject(present)) {
      setField(target, key, this.mergeObject(present, value, schema?.type));
    } else if (Array.isArray(value) && Array.isArray(present) && schema?.mergeKey !== undefined) {
      setField(target, key, this.#mergeList(present, value, schema));
    } else if (Array.isArray(value) && Array.isArray(present)) setField(target, key, cloneJson(value));
    else {
      const kept = newValue(value);
      if (kept === undefined) delete target[key];
      else setField(target, key, kept);
    }
  }

  #field(type: TypeSchema | undefined, name: string): FieldSchema | undefined {
    if (type?.kind === "object") return this.#schemas.get(type.model).fields.get(name);
    if (type?.kind !== "map") return undefined;
    return {
      name,
      type: type.values,
      required: false,
      nullable: false,
      omitted: false,
      written: false,
      retainKeys: false,
    };
  }

  /** Merges a list whose order the patch tells. */
  #mergeOrdered(target: JsonObject, patch: JsonObject, field: string, type: TypeSchema | undefined): void {
    const order = patch[`${orderDirective}/${field}`];
    if (!Array.isArray(order)) {
      throw new PatchError("invalid patch format of setElementOrder list", "malformed");
    }
    const schema = this.#field(type, field);
    const mergeKey = schema?.mergeKey ?? "";
    const present = Object.hasOwn(target, field) ? target[field] : undefined;
    const given = patch[field];
    const before = Array.isArray(present) ? present : [];
    const patched = Array.isArray(given) ? given : [];
    checkOrder(patched, order, mergeKey);
    if (!Array.isArray(present) && !Array.isArray(given)) return;
    const merged = Array.isArray(given) ? this.#mergeOrReplace(present, given, schema) : before;
    setField(target, field, orderMergedList(merged, before, order, mergeKey));
  }

  #mergeOrReplace(
    present: JsonValue | undefined,
    given: readonly JsonValue[],
    schema: FieldSchema | undefined,
  ): readonly JsonValue[] {
    if (!Array.isArray(present)) {
      const kept = newValue([...given]);
      return Array.isArray(kept) ? kept : [];
    }
    return schema?.mergeKey === undefined ? cloneJson([...given]) : this.#mergeList(present, given, schema);
  }

  #mergeList(target: readonly JsonValue[], patch: readonly JsonValue[], schema: FieldSchema): JsonValue[] {
    const mergeKey = schema.mergeKey ?? "";
    if (target.length === 0 && patch.length === 0) return [];
    checkItems(target, patch);
    if (!isJsonObject(target[0] ?? patch[0])) {
      return orderMergedList([...new Set([...target, ...patch])], target, patch, "");
    }
    // All items are objects: the first is.
    const items = patch as readonly JsonObject[];
    const plain = items.filter((item) => item.$patch === undefined);
    for (const item of items) checkDirective(item, mergeKey);
    if (items.some((item) => item.$patch === "replace")) return plain.map((item) => cloneJson(item));
    const gone = items.filter((item) => item.$patch === "delete").map((item) => item[mergeKey]);
    const rest = target.filter((item) => !isJsonObject(item) || !gone.includes(item[mergeKey]));
    const merged = this.#mergeItems(rest, plain, mergeKey, schema.type);
    return orderMergedList(merged, rest, plain, mergeKey);
  }

  #mergeItems(
    target: readonly JsonValue[],
    patch: readonly JsonObject[],
    mergeKey: string,
    type: TypeSchema,
  ): JsonValue[] {
    const merged = [...target];
    const itemType = type.kind === "list" ? type.items : undefined;
    for (const item of patch) {
      const key = item[mergeKey];
      if (key === undefined) throw noMergeKey(item, mergeKey);
      const index = merged.findIndex((other) => isJsonObject(other) && other[mergeKey] === key);
      const present = merged[index];
      if (isJsonObject(present)) merged[index] = this.mergeObject(present, item, itemType);
      else merged.push(cloneJson(item));
    }
    return merged;
  }
}

function checkDirective(item: JsonObject, mergeKey: string): void {
  const directive = item.$patch;
  if (directive === undefined || directive === "replace") return;
  if (directive === "merge") {
    throw new PatchError("merging lists cannot yet be specified in the patch", "malformed");
  }
  if (directive !== "delete") throw unknownDirective(item);
  if (item[mergeKey] === undefined) throw noMergeKey(item, mergeKey);
}

/** The items of a patch come in the order that it tells for all of them. */
function checkOrder(patch: readonly JsonValue[], order: readonly JsonValue[], mergeKey: string): void {
  if (order.length === 0) return;
  const identity = (item: JsonValue) => {
    if (mergeKey === "" || !isJsonObject(item)) return item;
    if (item[mergeKey] === undefined) throw noMergeKey(item, mergeKey);
    return item[mergeKey];
  };
  let at = 0;
  for (const item of patch) {
    if (isJsonObject(item) && item.$patch !== undefined) continue;
    const wanted = identity(item);
    while (at < order.length && identity(order[at] ?? null) !== wanted) at++;
    if (at === order.length) {
      throw new PatchError(
        `The order in patch list:\n${goValue([...patch])}\n doesn't match ${orderDirective} list:\n${goValue([...order])}\n`,
        "malformed",
      );
    }
    at++;
  }
}

function removeValues(target: JsonObject, field: string, removed: JsonValue | undefined): void {
  const present = target[field];
  if (!Array.isArray(present) || !Array.isArray(removed)) return;
  target[field] = present.filter((value) => !removed.includes(value));
}

function retainKeys(target: JsonObject, patch: JsonObject): void {
  const retained = patch[retainDirective];
  if (retained === undefined) return;
  const refused = new PatchError("invalid patch format of retainKeys", "malformed");
  if (!Array.isArray(retained)) throw refused;
  for (const key of Object.keys(patch)) {
    const isDirective =
      key === retainDirective || key.startsWith(orderDirective) || key.startsWith(removalDirective);
    if (!isDirective && patch[key] !== null && !retained.includes(key)) throw refused;
  }
  for (const key of Object.keys(target)) if (!retained.includes(key)) delete target[key];
}

/**
 * Applies a patch to an object of a model. The target may be changed; the result may share parts with it.
 * Throws a {@link PatchError}.
 */
export function applyStrategicMergePatch(
  schemas: SchemaSet,
  model: string,
  target: JsonObject,
  patch: JsonObject,
): JsonObject {
  return new StrategicMerger(schemas).mergeObject(target, patch, { kind: "object", model });
}
