import type { V1APIGroupList, V1APIResourceList, V1APIVersions } from "../api/generated/types.ts";
import { asError } from "../base/errors.ts";
import { readJson } from "./response.ts";
import type { GroupVersionResource, Transport } from "./types.ts";

export interface DiscoveredResource extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface Discovery {
  /** Each resource in its group's preferred version, without subresources. */
  readonly resources: readonly DiscoveredResource[];
  /** What could not be read, by `group/version`. */
  readonly failures: ReadonlyMap<string, Error>;
}

/** Asks an API server which resources it has. Throws where it does not even answer that by groups. */
export async function discoverResources(transport: Transport): Promise<Discovery> {
  const core = await readJson<V1APIVersions>(await transport.fetch("/api"));
  const { groups } = await readJson<V1APIGroupList>(await transport.fetch("/apis"));
  const paths = [
    ...core.versions.map((version) => ({ group: "", version, path: `/api/${version}` })),
    ...groups.map(({ name, preferredVersion, versions }) => {
      const version = (preferredVersion ?? versions[0])?.version ?? "";
      return { group: name, version, path: `/apis/${name}/${version}` };
    }),
  ];
  const resources: DiscoveredResource[] = [];
  const failures = new Map<string, Error>();
  for (const { group, version, path } of paths) {
    try {
      const list = await readJson<V1APIResourceList>(await transport.fetch(path));
      for (const { name, kind, namespaced, verbs } of list.resources) {
        if (!name.includes("/")) resources.push({ group, version, resource: name, kind, namespaced, verbs });
      }
    } catch (error) {
      failures.set(path.replace(/^\/apis?\//, ""), asError(error));
    }
  }
  return { resources, failures };
}
