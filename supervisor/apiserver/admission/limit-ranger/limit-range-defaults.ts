import type { V1LimitRange } from "../../../api/generated/types.ts";
import type { ResourceList } from "../../../apimachinery/resource-list.ts";
import type { Pod } from "../../../registry/core/pod/pod-strategy.ts";

/** Tells what the plug-in has filled in. */
const annotation = "kubernetes.io/limit-ranger";

/** Gives a Pod's containers the requests and limits that they leave out, and notes on the Pod which. */
export function setLimitRangeDefaults(range: V1LimitRange, pod: Pod): void {
  const { spec } = pod;
  const limits: Record<string, string> = {};
  const requests: Record<string, string> = {};
  for (const item of range.spec?.limits ?? []) {
    if (item.type !== "Container") continue;
    Object.assign(requests, item.defaultRequest);
    Object.assign(limits, item.default);
  }
  if (spec === undefined) return;
  const notes: string[] = [];
  for (const container of spec.containers ?? [])
    notes.push(...fill(container, "container", requests, limits));
  for (const container of spec.initContainers ?? []) {
    notes.push(...fill(container, "init container", requests, limits));
  }
  if (notes.length === 0) return;
  const text = `LimitRanger plugin set: ${notes.join("; ")}`;
  pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: text };
}

/** Fills in what is missing and tells what that was. */
function fill(
  container: NonNullable<Pod["spec"]>["containers"][number],
  kind: string,
  requests: ResourceList,
  limits: ResourceList,
): readonly string[] {
  const missing = (defaults: ResourceList, given: ResourceList = {}): readonly string[] =>
    Object.keys(defaults)
      .filter((name) => given[name] === undefined)
      .sort();
  const own = container.resources;
  const newRequests = missing(requests, own?.requests);
  const newLimits = missing(limits, own?.limits);
  if (newRequests.length === 0 && newLimits.length === 0) return [];
  container.resources = {
    ...own,
    ...(newLimits.length === 0 ? {} : { limits: { ...limits, ...own?.limits } }),
    ...(newRequests.length === 0 ? {} : { requests: { ...requests, ...own?.requests } }),
  };
  return [
    ...(newRequests.length === 0 ? [] : [`${newRequests.join(", ")} request for ${kind} ${container.name}`]),
    ...(newLimits.length === 0 ? [] : [`${newLimits.join(", ")} limit for ${kind} ${container.name}`]),
  ];
}
