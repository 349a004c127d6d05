/** What the API has, in one document (`apidiscovery.k8s.io/v2` `APIGroupDiscoveryList`). */
import { createHash } from "node:crypto";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";
import type { OutputFormat } from "../negotiation/output-format.ts";
import type { Discovered, DiscoveredGroup } from "./discovery.ts";
import {
  subresourceGroupVersion,
  subresourceKind,
  subresourcesOf,
  subresourceVerbs,
  verbsOf,
} from "./verbs.ts";

export const aggregatedMediaType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

export function isAggregatedDiscovery({ as, group, version, mediaType }: OutputFormat): boolean {
  if (mediaType !== "application/json") return false;
  return as === "APIGroupDiscoveryList" && group === "apidiscovery.k8s.io" && version === "v2";
}

function resourceEntry(definition: ResourceDefinition): object {
  const { group, version, resource, kind, namespaced, singular, shortNames, categories } = definition;
  const subresources = subresourcesOf(definition).map(([name, subresource]) => ({
    subresource: name,
    responseKind: {
      // As upstream: custom resources name the group version of their status.
      ...(definition.custom === undefined ? { group: "", version: "" } : { group, version }),
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
export type DiscoveryPart = "core" | "groups";

export interface DiscoveryText {
  readonly text: string;
  /** Tells whether the document is another. */
  readonly etag: string;
}

/** What was written of the groups as they are; other groups are another list. */
const texts = new WeakMap<readonly DiscoveredGroup[], Map<DiscoveryPart, DiscoveryText>>();

/** The document's JSON, made once as long as nothing changes. */
export function discoveryText({ groups }: Discovered, part: DiscoveryPart): DiscoveryText {
  const known = texts.get(groups) ?? new Map<DiscoveryPart, DiscoveryText>();
  texts.set(groups, known);
  const before = known.get(part);
  if (before !== undefined) return before;
  const text = JSON.stringify(aggregatedDiscovery(groups, part));
  const etag = createHash("sha512").update(text).digest("hex").toUpperCase();
  known.set(part, { text, etag });
  return { text, etag };
}

function aggregatedDiscovery(groups: readonly DiscoveredGroup[], part: DiscoveryPart): object {
  const items = groups
    .filter(({ group }) => (group === "") === (part === "core"))
    .map(({ group, versions }) => ({
      metadata: group === "" ? {} : { name: group },
      versions: versions.map(({ version, definitions, remote }) => ({
        version,
        resources: remote?.resources ?? definitions.map(resourceEntry),
        freshness: remote?.freshness ?? "Current",
      })),
    }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}
