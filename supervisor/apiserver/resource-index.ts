import type { ResourceDefinition } from "../registry/resource-definition.ts";
import type { Backend } from "../storage/backend.ts";
import { ObjectStore } from "./storage/object-store.ts";

/** One group's version and the resources in it. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly definitions: readonly ResourceDefinition[];
}

/** Finds resources by their place in the API. */
export class ResourceIndex {
  readonly groupVersions: readonly GroupVersion[];
  readonly #stores = new Map<string, ObjectStore>();

  constructor(definitions: readonly ResourceDefinition[], backend: Backend) {
    const versions = new Map<string, ResourceDefinition[]>();
    for (const definition of definitions) {
      const { group, version, resource } = definition;
      this.#stores.set(`${group}/${version}/${resource}`, new ObjectStore(definition, backend));
      const list = versions.get(`${group}/${version}`) ?? [];
      versions.set(`${group}/${version}`, [...list, definition]);
    }
    this.groupVersions = Array.from(versions.values(), (list) => ({
      group: list[0]?.group ?? "",
      version: list[0]?.version ?? "",
      definitions: list.toSorted((left, right) => (left.resource < right.resource ? -1 : 1)),
    }));
  }

  store(group: string, version: string, resource: string): ObjectStore | undefined {
    return this.#stores.get(`${group}/${version}/${resource}`);
  }
}
