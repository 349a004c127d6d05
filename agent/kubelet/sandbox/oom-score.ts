import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import { qosClass } from "./qos-class.ts";

const guaranteedScore = -997;
const bestEffortScore = 1000;
const smallestBurstable = 1000 + guaranteedScore;
/** From this priority on a Pod is critical (scheduling `SystemCriticalPriority`). */
const criticalPriority = 2_000_000_000;

/**
 * How willingly the kernel kills the container when memory runs out, by the Pod's quality of service and the share of
 * the node's memory that the container requests (kubelet `qos.GetContainerOOMScoreAdjust`).
 */
export function oomScoreAdjust(pod: V1Pod, container: V1Container, nodeMemoryBytes: number): number {
  if ((pod.spec?.priority ?? 0) >= criticalPriority) return guaranteedScore;
  const quality = qosClass(pod);
  if (quality === "Guaranteed") return guaranteedScore;
  if (quality === "BestEffort") return bestEffortScore;
  const own = burstableScore(pod, container, nodeMemoryBytes);
  if (container.restartPolicy !== "Always" || !isInit(pod, container)) return own;
  // A sidecar is not to go before the containers that it serves.
  const served = (pod.spec?.containers ?? []).map((one) => burstableScore(pod, one, nodeMemoryBytes));
  return Math.min(own, ...served);
}

function burstableScore(pod: V1Pod, container: V1Container, nodeMemoryBytes: number): number {
  const requested = memoryRequest(container) + shareOfPod(pod);
  const score = 1000 - Math.floor((1000 * requested) / nodeMemoryBytes);
  if (score < smallestBurstable) return smallestBurstable;
  return score === bestEffortScore ? bestEffortScore - 1 : score;
}

/** What the Pod as a whole requests beyond its containers, in equal parts. */
function shareOfPod(pod: V1Pod): number {
  const ofPod = pod.spec?.resources?.requests?.memory;
  if (ofPod === undefined) return 0;
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  const all = [...(pod.spec?.containers ?? []), ...sidecars];
  const used = all.reduce((sum, container) => sum + memoryRequest(container), 0);
  return Math.max(0, quantityValue(ofPod) - used) / all.length;
}

function memoryRequest({ resources }: V1Container): number {
  return quantityValue(resources?.requests?.memory ?? resources?.limits?.memory ?? "0");
}

function isInit(pod: V1Pod, container: V1Container): boolean {
  return pod.spec?.initContainers?.some(({ name }) => name === container.name) ?? false;
}
