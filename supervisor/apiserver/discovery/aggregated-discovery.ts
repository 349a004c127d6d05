/** What the API has, in one document (`apidiscovery.k8s.io/v2` `APIGroupDiscoveryList`). */
import type { ResourceDefinition } from "../../registry/resource-definition.ts";
import type { OutputFormat } from "../negotiation/output-format.ts";
import type { ResourceIndex } from "../resource-index.ts";
import { subresourceGroupVersion, subresourceKind, subresourceVerbs, verbsOf } from "./verbs.ts";

export const aggregatedMediaType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

export function isAggregatedDiscovery({ as, group, version }: OutputFormat): boolean {
  return as === "APIGroupDiscoveryList" && group === "apidiscovery.k8s.io" && version === "v2";
}

function resourceEntry(definition: ResourceDefinition): object {
  const { group, version, resource, kind, namespaced, singular, shortNames, categories } = definition;
  const subresources = Object.entries(definition.subresources).map(([name, subresource]) => ({
    subresource: name,
    responseKind: {
      group: "",
      version: "",
      ...subresourceGroupVersion(subresource),
      kind: subresourceKind(definition, subresource),
    },
    verbs: subresourceVerbs(subresource),
  }));
  return {
    resource,
    responseKind: { group, version, kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs: verbsOf(definition),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

/** The core group, or all others. */
export function aggregatedDiscovery(index: ResourceIndex, part: "core" | "groups"): object {
  const items = index.groups
    .filter(({ group }) => (group === "") === (part === "core"))
    .map(({ group, versions }) => ({
      metadata: group === "" ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versions.map(({ version, definitions }) => ({
        version,
        resources: definitions.map(resourceEntry),
        freshness: "Current",
      })),
    }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}
