import { apiVersionOf, type ResourceDefinition } from "../registry/resource-definition.ts";
import type { Backend } from "../storage/backend.ts";
import { compareVersions } from "./discovery/compare-versions.ts";
import { ObjectStore } from "./storage/object-store.ts";

/**
 * One group's version and the resources in it, in the order of their names. It stays the same object as long as its
 * resources do, so that documents made of it may be kept by it.
 */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly definitions: readonly ResourceDefinition[];
}

/** A group, its preferred version first. */
export interface ApiGroup {
  readonly group: string;
  readonly versions: readonly GroupVersion[];
}

/**
 * Finds resources by their place in the API. Built-in ones stay; custom ones come and go with their
 * CustomResourceDefinitions, and everything that is made of the index follows at once.
 */
export class ResourceIndex {
  readonly #builtIn: ReadonlyMap<string, ObjectStore>;
  readonly #builtInVersions: ReadonlySet<string>;
  readonly #custom = new Map<string, readonly ObjectStore[]>();
  readonly #listeners: Array<() => void> = [];
  #stores: ReadonlyMap<string, ObjectStore>;
  #groups: readonly ApiGroup[];
  #groupVersions: readonly GroupVersion[];

  constructor(definitions: readonly ResourceDefinition[], backend: Backend) {
    this.#builtIn = byPlace(definitions.map((definition) => new ObjectStore(definition, backend)));
    this.#builtInVersions = new Set(definitions.map(({ group, version }) => `${group}/${version}`));
    this.#stores = this.#builtIn;
    this.#groups = groupsOf(this.#builtIn.values(), []);
    this.#groupVersions = this.#groups.flatMap(({ versions }) => versions);
  }

  /** All groups: the built-in ones in their order, then the custom ones by name. */
  get groups(): readonly ApiGroup[] {
    return this.#groups;
  }

  /** The versions of all groups, those of one group together, the preferred one first. */
  get groupVersions(): readonly GroupVersion[] {
    return this.#groupVersions;
  }

  store(group: string, version: string, resource: string): ObjectStore | undefined {
    return this.#stores.get(`${group}/${version}/${resource}`);
  }

  /** Whether a resource is the server's own, in any version. */
  isBuiltIn(group: string, resource: string): boolean {
    for (const { definition } of this.#builtIn.values()) {
      if (definition.group === group && definition.resource === resource) return true;
    }
    return false;
  }

  /** Whether a version of a group has resources that are the server's own. */
  isBuiltInVersion(group: string, version: string): boolean {
    return this.#builtInVersions.has(`${group}/${version}`);
  }

  /** Calls `listener` whenever custom resources have come, changed or gone. */
  onCustomChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Serves these resources for a CustomResourceDefinition, instead of what was served for it: none to serve it no more. */
  setCustom(name: string, stores: readonly ObjectStore[]): void {
    if (stores.length === 0) this.#custom.delete(name);
    else this.#custom.set(name, stores);
    const custom = Array.from(this.#custom.values()).flat();
    // Where both have one, the built-in resource is the one that is served.
    this.#stores = new Map([...byPlace(custom), ...this.#builtIn]);
    this.#groups = groupsOf(this.#stores.values(), this.#groupVersions);
    this.#groupVersions = this.#groups.flatMap(({ versions }) => versions);
    for (const listener of this.#listeners) listener();
  }
}

function byPlace(stores: readonly ObjectStore[]): ReadonlyMap<string, ObjectStore> {
  return new Map(
    stores.map((store) => {
      const { group, version, resource } = store.definition;
      return [`${group}/${version}/${resource}`, store];
    }),
  );
}

/** Groups the resources; `known` are the group versions of before, which are taken again where they are the same. */
function groupsOf(stores: Iterable<ObjectStore>, known: readonly GroupVersion[]): readonly ApiGroup[] {
  const groups = new Map<string, Map<string, ResourceDefinition[]>>();
  const definitions = Array.from(stores, ({ definition }) => definition);
  const builtIn = definitions.filter(({ custom }) => custom === undefined);
  const custom = definitions
    .filter((definition) => definition.custom !== undefined)
    .sort((left, right) => compareText(left.group, right.group) || compareVersions(left, right));
  for (const definition of [...builtIn, ...custom]) {
    const versions = groups.get(definition.group) ?? new Map<string, ResourceDefinition[]>();
    groups.set(definition.group, versions);
    versions.set(definition.version, [...(versions.get(definition.version) ?? []), definition]);
  }
  const before = new Map(known.map((groupVersion) => [apiVersionOf(groupVersion), groupVersion]));
  return Array.from(groups, ([group, versions]) => ({
    group,
    versions: Array.from(versions, ([version, list]) => {
      const sorted = list.toSorted((left, right) => compareText(left.resource, right.resource));
      const old = before.get(apiVersionOf({ group, version }));
      return old !== undefined && isSame(old.definitions, sorted)
        ? old
        : { group, version, definitions: sorted };
    }),
  }));
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function isSame(left: readonly ResourceDefinition[], right: readonly ResourceDefinition[]): boolean {
  return left.length === right.length && left.every((definition, index) => definition === right[index]);
}
