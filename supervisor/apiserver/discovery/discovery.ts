/** What the API has, in the old form: a document for each level (meta/v1 `APIGroupList`, `APIResourceList`). */
import { createHash } from "node:crypto";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";
import type { RemoteResources } from "../aggregation/remote-discovery.ts";
import type { GroupVersion, ResourceIndex } from "../resource-index.ts";
import {
  subresourceGroupVersion,
  subresourceKind,
  subresourcesOf,
  subresourceVerbs,
  verbsOf,
} from "./verbs.ts";

/** A group version as discovery tells of it. */
export interface DiscoveredVersion extends GroupVersion {
  /** What a server in the cluster has of it, which then serves it. */
  readonly remote?: RemoteResources;
}

/** A group, its preferred version first, whoever serves it. */
export interface DiscoveredGroup {
  readonly group: string;
  readonly versions: readonly DiscoveredVersion[];
}

/** All groups, in their order. */
export interface Discovered {
  readonly groups: readonly DiscoveredGroup[];
}

function groupVersionName({ group, version }: Pick<GroupVersion, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

function groupEntry({ group, versions }: DiscoveredGroup): object {
  const entries = versions.map((groupVersion) => ({
    groupVersion: groupVersionName(groupVersion),
    version: groupVersion.version,
  }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

function resourceEntries(definition: ResourceDefinition): readonly object[] {
  const { resource, singular, namespaced, kind, shortNames, categories } = definition;
  const verbs = verbsOf(definition);
  const main = {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    // What is only created is not stored.
    ...(verbs.includes("get") ? { storageVersionHash: storageVersionHash(definition) } : {}),
  };
  const parts = subresourcesOf(definition).map(([name, subresource]) => ({
    name: `${resource}/${name}`,
    singularName: "",
    namespaced,
    ...subresourceGroupVersion(subresource),
    kind: subresourceKind(definition, subresource),
    verbs: subresourceVerbs(subresource),
  }));
  return [main, ...parts];
}

/** Changes where objects are stored in another version (kubernetes `apiserver/pkg/endpoints/discovery`). */
function storageVersionHash({ group, version, kind, custom }: ResourceDefinition): string {
  const stored = `${group}/${custom?.storageVersion ?? version}/${kind}`;
  return createHash("sha256").update(stored).digest().subarray(0, 8).toString("base64");
}

const otherPaths = [
  "/.well-known/openid-configuration",
  "/healthz",
  "/livez",
  "/metrics",
  "/openapi/v2",
  "/openapi/v3",
  "/openid/v1/jwks",
  "/readyz",
  "/version",
];

/** `/`: where there is something (meta/v1 `RootPaths`). */
export function rootPaths({ groups }: Discovered): object {
  const paths = groups.flatMap(({ group, versions }) => {
    const root = group === "" ? "/api" : `/apis/${group}`;
    return [root, ...versions.map(({ version }) => `${root}/${version}`)];
  });
  return { paths: [...paths, "/apis", "/apis/", ...otherPaths].toSorted() };
}

/** `/api`. */
export function coreVersions(serverAddress: string): object {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
  };
}

/** `/apis`. */
export function groupList(discovered: Discovered): object {
  const groups = discovered.groups.filter(({ group }) => group !== "").map(groupEntry);
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

/** `/apis/GROUP`; undefined for no such group. */
export function groupDocument({ groups }: Discovered, group: string): object | undefined {
  const found = groups.find((candidate) => candidate.group === group && group !== "");
  return found && { kind: "APIGroup", apiVersion: "v1", ...groupEntry(found) };
}

/** `/api/v1` and `/apis/GROUP/VERSION`; undefined for no such version. */
export function resourceList(index: ResourceIndex, group: string, version: string): object | undefined {
  const found = index.groupVersions.find(
    (candidate) => candidate.group === group && candidate.version === version,
  );
  if (found === undefined) return undefined;
  const resources = found.definitions.flatMap(resourceEntries);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: groupVersionName(found), resources };
}
