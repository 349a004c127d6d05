/** Descriptions of several servers in one (kube-openapi `pkg/aggregator`). */
import {
  equalJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../apimachinery/json/json-value.ts";

/** The parts of a document of version 2 that references lead to. */
const sections = ["definitions", "parameters"] as const;
type Section = (typeof sections)[number];

const kindsField = "x-kubernetes-group-version-kind";

/**
 * A document of version 2 with another server's paths below `root` that it has not itself, and what those refer to. What
 * has the name of another thing gets a new one.
 */
export function mergeDescription(base: JsonObject, other: JsonObject, root: string): JsonObject {
  const own = objectIn(base, "paths");
  const paths = Object.fromEntries(
    Object.entries(objectIn(other, "paths")).filter(([path]) => path.startsWith(root) && !(path in own)),
  );
  const used = new Used(other);
  used.follow(paths);
  const names = new Map<string, string>();
  const merged: Record<Section, JsonObject> = {
    definitions: { ...objectIn(base, "definitions") },
    parameters: { ...objectIn(base, "parameters") },
  };
  const added: Array<readonly [section: Section, name: string, value: JsonValue]> = [];
  for (const section of sections) {
    for (const name of used.names(section)) {
      const value = objectIn(other, section)[name];
      if (value === undefined) continue;
      const free = placeFor(merged[section], name, value);
      names.set(`#/${section}/${name}`, `#/${section}/${free}`);
      added.push([section, free, value]);
      merged[section][free] = withKinds(merged[section][free], value);
    }
  }
  for (const [section, name, value] of added) {
    merged[section][name] = withKinds(objectIn(base, section)[name], renamed(value, names));
  }
  return { ...base, paths: { ...own, ...asObject(renamed(paths, names)) }, ...merged };
}

/** Which definitions and parameters a part of a document needs. */
class Used {
  readonly #document: JsonObject;
  readonly #found: Record<Section, Set<string>> = { definitions: new Set(), parameters: new Set() };

  constructor(document: JsonObject) {
    this.#document = document;
  }

  names(section: Section): ReadonlySet<string> {
    return this.#found[section];
  }

  follow(value: JsonValue | undefined): void {
    if (Array.isArray(value)) for (const item of value) this.follow(item);
    else if (isJsonObject(value)) {
      if (typeof value.$ref === "string") this.#refer(value.$ref);
      for (const inner of Object.values(value)) this.follow(inner);
    }
  }

  #refer(reference: string): void {
    for (const section of sections) {
      const prefix = `#/${section}/`;
      const name = reference.slice(prefix.length);
      if (!reference.startsWith(prefix) || this.#found[section].has(name)) continue;
      this.#found[section].add(name);
      this.follow(objectIn(this.#document, section)[name]);
    }
  }
}

/** The name itself where it is free or means the same, else one with a number. */
function placeFor(section: JsonObject, name: string, value: JsonValue): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}_v${count}`;
    const known = section[candidate];
    if (known === undefined || equalJson(withoutKinds(known), withoutKinds(value))) return candidate;
  }
}

function withoutKinds(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const { [kindsField]: _kinds, ...rest } = value;
  return rest;
}

/** One thing that is of the kinds of both. */
function withKinds(known: JsonValue | undefined, value: JsonValue): JsonValue {
  if (!isJsonObject(known) || !isJsonObject(value)) return value;
  const [before, after] = [known[kindsField], value[kindsField]];
  if (!Array.isArray(before) || !Array.isArray(after)) return known;
  const more = after.filter((kind) => !before.some((one) => equalJson(one, kind)));
  return { ...known, [kindsField]: [...before, ...more] };
}

function renamed(value: JsonValue, names: ReadonlyMap<string, string>): JsonValue {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === "$ref" && typeof inner === "string") copy[key] = names.get(inner) ?? inner;
    else if (inner !== undefined) copy[key] = renamed(inner, names);
  }
  return copy;
}

function asObject(value: JsonValue): JsonObject {
  return isJsonObject(value) ? value : {};
}

function objectIn(document: JsonObject, field: string): JsonObject {
  return asObject(document[field] ?? {});
}
