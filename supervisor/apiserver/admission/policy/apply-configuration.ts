/** Merges what an expression has made into an object (apiserver `policy/mutating/patch/smd.go`). */
import { jsonFromCel, misnamedObject } from "../../../apimachinery/cel/json-from-cel.ts";
import type { CelValue } from "../../../apimachinery/cel/values.ts";
import { entryType, type MergeType } from "../../../apimachinery/fieldmanager/merge-type.ts";
import { mergeObjects } from "../../../apimachinery/fieldmanager/merge-values.ts";
import { displayElement, fieldElement } from "../../../apimachinery/fieldmanager/path-element.ts";
import { configComplaint } from "../../../apimachinery/fieldmanager/validate-config.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../apimachinery/json/json-value.ts";
import { MutationError } from "./mutation-error.ts";

/** The merged object; parts may be those of `object`. Throws a {@link MutationError}. */
export function mergeConfiguration(object: JsonObject, made: CelValue, type: MergeType): JsonObject {
  const misnamed = misnamedObject(made, "Object");
  if (misnamed !== undefined) throw new MutationError(`type mismatch: ${misnamed}`);
  const config = jsonFromCel(made);
  if (!isJsonObject(config)) throw new MutationError("the expression does not make an object");
  const complaint = configComplaint(type, config);
  if (complaint !== undefined) {
    throw new MutationError(
      `error applying patch: failed to convert patch object to typed object: ${complaint}`,
    );
  }
  const atomics = atomicsIn(type, config, "");
  if (atomics.length > 0) {
    throw new MutationError(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(", ")}`,
    );
  }
  const { kind = null, apiVersion = null } = object;
  return mergeObjects(type, object, { ...config, kind, apiVersion });
}

/** The places of what has one owner only: who sets one of its fields would remove the others. */
function atomicsIn(type: MergeType, value: JsonValue, path: string): string[] {
  const found: string[] = [];
  if (isJsonObject(value) && type.map !== undefined) {
    if (type.map.isAtomic) found.push(path);
    for (const [name, field] of Object.entries(value)) {
      const fieldType = entryType(type.map, name);
      if (fieldType === undefined || field === undefined) continue;
      found.push(...atomicsIn(fieldType, field, path + displayElement(fieldElement(name))));
    }
  }
  if (Array.isArray(value) && type.list !== undefined) {
    if (type.list.type === "atomic") found.push(path);
    for (const [index, item] of value.entries()) {
      found.push(...atomicsIn(type.list.items, item, `${path}[${index}]`));
    }
  }
  return found;
}
