import { isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import type { Structural } from "./structural.ts";

const metaFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

/**
 * Drops the fields that a schema does not know, in place, and returns their paths in order. The fields that every object
 * of the API has stay, at the root and in embedded objects (apiextensions-apiserver `pkg/apiserver/schema/pruning`).
 */
export function pruneUnknown(
  value: JsonValue | undefined,
  structural: Structural | undefined,
  isRoot: boolean,
): readonly string[] {
  const pruner = new Pruner();
  if (isRoot && isJsonObject(value)) pruner.root(value, structural);
  else pruner.prune(value, structural, "");
  return pruner.dropped.sort();
}

class Pruner {
  readonly dropped: string[] = [];

  root(object: JsonObject, structural: Structural | undefined): void {
    this.#fields(object, structural, "", true);
  }

  prune(value: JsonValue | undefined, structural: Structural | undefined, path: string): void {
    if (Array.isArray(value)) {
      const items = structural?.items;
      const preserves = structural?.preservesUnknownFields ?? false;
      value.forEach((item, index) => {
        const itemPath = `${path}[${index}]`;
        // Within a list of anything, what the items' schema does not know is kept too.
        if (preserves) this.#preserve(item, items, itemPath);
        else this.prune(item, items, itemPath);
      });
    } else if (isJsonObject(value)) {
      this.#fields(value, structural, path, structural?.isEmbedded ?? false);
    }
  }

  /** The value of a list that keeps what it does not know: only what its schema does know is looked into. */
  #preserve(value: JsonValue | undefined, structural: Structural | undefined, path: string): void {
    if (structural === undefined) return;
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        this.#preserve(item, structural.items, `${path}[${index}]`);
      });
    } else if (isJsonObject(value)) {
      for (const name of Object.keys(value)) {
        if (!(structural.isEmbedded && metaFields.has(name))) this.#known(value, name, structural, path);
      }
    }
  }

  #fields(object: JsonObject, structural: Structural | undefined, path: string, isObject: boolean): void {
    for (const name of Object.keys(object)) {
      if (isObject && metaFields.has(name)) continue;
      if (structural !== undefined && this.#known(object, name, structural, path)) continue;
      if (structural?.preservesUnknownFields) continue;
      if (!metaFields.has(name) || path !== "") this.dropped.push(path === "" ? name : `${path}.${name}`);
      delete object[name];
    }
  }

  /** Prunes within a field that the schema knows; false for another. */
  #known(object: JsonObject, name: string, structural: Structural, path: string): boolean {
    const { additionalProperties } = structural;
    const inner = structural.properties.get(name);
    if (inner === undefined && additionalProperties === undefined) return false;
    const schema = inner ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
    this.prune(object[name], schema, path === "" ? name : `${path}.${name}`);
    return true;
  }
}
