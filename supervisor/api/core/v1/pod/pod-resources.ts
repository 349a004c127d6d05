/** What a Pod asks of its node and may take of it (component-helpers `resource.PodRequests` and `PodLimits`). */
import {
  addResources,
  compareQuantities,
  maskResources,
  maxResources,
  type ResourceList,
} from "../../../../apimachinery/resource-list.ts";
import type { V1Container, V1ContainerStatus, V1Pod } from "../../../generated/types.ts";

type PodParts = Pick<V1Pod, "spec" | "status">;
type Claim = (container: V1Container) => ResourceList;

/** The sum of what runs together, or what an init container needs where that is more; the Pod's own claim before it. */
export function podRequests(pod: PodParts): Record<string, string> {
  const statuses = new Map(
    [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].map((status) => [
      status.name,
      status,
    ]),
  );
  const isInfeasible = (pod.status?.conditions ?? []).some(
    ({ type, reason }) => type === "PodResizePending" && reason === "Infeasible",
  );
  const requestsOf = (container: V1Container): ResourceList => {
    const status = statuses.get(container.name);
    const wanted = container.resources?.requests ?? {};
    return status === undefined ? wanted : requestsWithStatus(wanted, status, isInfeasible);
  };
  const sum = podClaims(pod, requestsOf);
  const own = maskResources(pod.spec?.resources?.requests ?? {}, isPodLevelResource);
  return addResources({ ...sum, ...own }, pod.spec?.overhead ?? {});
}

export function podLimits(pod: PodParts): Record<string, string> {
  const sum = podClaims(pod, (container) => container.resources?.limits ?? {});
  const own = maskResources(pod.spec?.resources?.limits ?? {}, isPodLevelResource);
  const limits = { ...sum, ...own };
  const isLimited = (name: string): boolean => {
    const limit = limits[name];
    return limit !== undefined && compareQuantities(limit, "0") !== 0;
  };
  return addResources(limits, maskResources(pod.spec?.overhead ?? {}, isLimited));
}

/** A container that is being resized is charged for the larger of what it has and what it wants. */
function requestsWithStatus(
  wanted: ResourceList,
  status: V1ContainerStatus,
  isInfeasible: boolean,
): ResourceList {
  const actual = maxResources(status.resources?.requests ?? {}, status.allocatedResources ?? {});
  if (isInfeasible && Object.keys(actual).length > 0) return actual;
  return maxResources(wanted, actual);
}

function podClaims({ spec }: PodParts, claim: Claim): Record<string, string> {
  let running: Record<string, string> = {};
  for (const container of spec?.containers ?? []) running = addResources(running, claim(container));
  let sidecars: Record<string, string> = {};
  let starting: Record<string, string> = {};
  for (const container of spec?.initContainers ?? []) {
    const own = claim(container);
    if (container.restartPolicy === "Always") {
      running = addResources(running, own);
      sidecars = addResources(sidecars, own);
      starting = maxResources(starting, sidecars);
    } else {
      starting = maxResources(starting, addResources(own, sidecars));
    }
  }
  return maxResources(running, starting);
}

/** What may be claimed for a Pod as a whole. */
function isPodLevelResource(name: string): boolean {
  return name === "cpu" || name === "memory" || name.startsWith("hugepages-");
}
