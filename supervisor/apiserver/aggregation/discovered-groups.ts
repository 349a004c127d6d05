import { compareVersions } from "../discovery/compare-versions.ts";
import type { DiscoveredGroup, DiscoveredVersion } from "../discovery/discovery.ts";
import type { ApiGroup } from "../resource-index.ts";
import { customPriority, type RegisteredApi } from "./remote-api.ts";
import type { RemoteResources } from "./remote-discovery.ts";

/** It has no registration of its own, and is always first. */
const registrationGroup = "apiregistration.k8s.io";

/**
 * What discovery tells of: what this server has itself, and what others serve, in the order of their priorities.
 * `resourcesOf` knows those that others serve, and no more.
 */
export function discoveredGroups(
  local: readonly ApiGroup[],
  registered: readonly RegisteredApi[],
  resourcesOf: (name: string) => RemoteResources | undefined,
): readonly DiscoveredGroup[] {
  const byName = new Map(registered.map((api) => [api.name, api]));
  const groups = new Map<string, Map<string, DiscoveredVersion>>();
  for (const { group, versions } of local) {
    groups.set(group, new Map(versions.map((version) => [version.version, version])));
  }
  for (const { name, group, version } of registered) {
    const remote = resourcesOf(name);
    if (remote === undefined) continue;
    const versions = groups.get(group) ?? new Map<string, DiscoveredVersion>();
    groups.set(group, versions);
    versions.set(version, { group, version, definitions: [], remote });
  }
  const priorityOf = ({ group, version }: DiscoveredVersion) =>
    byName.get(`${version}.${group}`) ?? customPriority;
  const list = Array.from(groups, ([group, versions]) => {
    const sorted = Array.from(versions.values()).toSorted(
      (left, right) =>
        priorityOf(right).versionPriority - priorityOf(left).versionPriority || compareVersions(left, right),
    );
    const highest = Math.max(...sorted.map((version) => priorityOf(version).groupPriority));
    return { group, versions: sorted, priority: group === registrationGroup ? Infinity : highest };
  });
  return list.toSorted(
    (left, right) =>
      // Of the same priority, apart from both being infinite.
      (left.priority === right.priority ? 0 : right.priority - left.priority) ||
      (left.group < right.group ? -1 : 1),
  );
}
