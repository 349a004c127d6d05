import type { V1Container, V1Pod, V1ResourceRequirements } from "../api/generated/types.ts";
import { quantityMillis, quantityValue } from "../apimachinery/quantity.ts";

/** Amounts by resource name: CPU in millis, all else in whole units (bytes for memory and storage). */
export type ResourceAmounts = ReadonlyMap<string, number>;

type QuantityMap = Readonly<Record<string, string>> | undefined;

/** Reads a map of quantities. Throws a `RangeError` for a text that is none; the API server lets none in. */
export function toAmounts(quantities: QuantityMap): ResourceAmounts {
  return new Map(
    Object.entries(quantities ?? {}).map(([name, text]) => [
      name,
      name === "cpu" ? quantityMillis(text) : quantityValue(text),
    ]),
  );
}

/** What a container without a request counts for when nodes are compared, as in kube-scheduler. */
const assumedRequests: ResourceAmounts = new Map([
  ["cpu", 100],
  ["memory", 200 * 1024 * 1024],
]);

export interface PodRequests {
  /** What a Pod takes of its node. */
  readonly exact: ResourceAmounts;
  /** The same with something assumed for containers that ask for nothing: for comparing nodes only. */
  readonly assumed: ResourceAmounts;
}

/** A Pod's requests (component-helpers `PodRequests`). */
export function podRequests(pod: V1Pod): PodRequests {
  return { exact: sumPod(pod, new Map()), assumed: sumPod(pod, assumedRequests) };
}

/**
 * The larger of what runs in the end (all containers and sidecars) and of what any init container needs together with
 * the sidecars before it; then what the Pod as a whole asks for instead, then its overhead.
 */
function sumPod(pod: V1Pod, defaults: ResourceAmounts): ResourceAmounts {
  const { containers = [], initContainers = [], overhead, resources } = pod.spec ?? {};
  const running = new Map<string, number>();
  for (const container of containers) addTo(running, requestsOf(container, defaults));
  const sidecars = new Map<string, number>();
  const starting = new Map<string, number>();
  for (const container of initContainers) {
    const own = requestsOf(container, defaults);
    if (container.restartPolicy === "Always") {
      addTo(running, own);
      addTo(sidecars, own);
      raiseTo(starting, sidecars);
    } else {
      const together = new Map(sidecars);
      addTo(together, own);
      raiseTo(starting, together);
    }
  }
  raiseTo(running, starting);
  for (const [name, amount] of podLevelRequests(resources)) running.set(name, amount);
  addTo(running, toAmounts(overhead));
  return running;
}

function podLevelRequests(resources: V1ResourceRequirements | undefined): ResourceAmounts {
  return toAmounts({ ...resources?.limits, ...resources?.requests });
}

function requestsOf(container: V1Container, defaults: ResourceAmounts): ResourceAmounts {
  return new Map([...defaults, ...toAmounts(container.resources?.requests)]);
}

function addTo(sum: Map<string, number>, more: ResourceAmounts): void {
  for (const [name, amount] of more) sum.set(name, (sum.get(name) ?? 0) + amount);
}

function raiseTo(most: Map<string, number>, other: ResourceAmounts): void {
  for (const [name, amount] of other) most.set(name, Math.max(most.get(name) ?? 0, amount));
}
