/** What the API has, in the old form: a document for each level (meta/v1 `APIGroupList`, `APIResourceList`). */
import { createHash } from "node:crypto";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";
import type { ApiGroup, GroupVersion, ResourceIndex } from "../resource-index.ts";
import { subresourceGroupVersion, subresourceKind, subresourceVerbs, verbsOf } from "./verbs.ts";

function groupVersionName({ group, version }: Pick<GroupVersion, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

function groupEntry({ group, versions }: ApiGroup): object {
  const entries = versions.map((groupVersion) => ({
    groupVersion: groupVersionName(groupVersion),
    version: groupVersion.version,
  }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

function resourceEntries(definition: ResourceDefinition): readonly object[] {
  const { resource, singular, namespaced, kind, shortNames, categories } = definition;
  const main = {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs: verbsOf(definition),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    storageVersionHash: storageVersionHash(definition),
  };
  const parts = Object.entries(definition.subresources).map(([name, subresource]) => ({
    name: `${resource}/${name}`,
    singularName: "",
    namespaced,
    ...subresourceGroupVersion(subresource),
    kind: subresourceKind(definition, subresource),
    verbs: subresourceVerbs(subresource),
  }));
  return [main, ...parts];
}

/** Changes where objects are stored in another form. */
function storageVersionHash({ group, version, kind, custom }: ResourceDefinition): string {
  return createHash("sha512")
    .update(`${group}/${custom?.storageVersion ?? version}/${kind}`)
    .digest("base64")
    .slice(0, 11)
    .padEnd(12, "=");
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
export function groupList(index: ResourceIndex): object {
  const groups = index.groups.filter(({ group }) => group !== "").map(groupEntry);
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

/** `/apis/GROUP`; undefined for no such group. */
export function groupDocument(index: ResourceIndex, group: string): object | undefined {
  const found = index.groups.find((candidate) => candidate.group === group && group !== "");
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
