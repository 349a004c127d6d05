/** How far a Pod is, as the controllers that own Pods see it (kubernetes `controller_utils.go`, `podutil`). */
import type { V1Pod } from "../../api/generated/types.ts";

export function hasPodEnded({ status }: V1Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** Whether it counts: it has not ended and is not being deleted. */
export function isPodActive(pod: V1Pod): boolean {
  return !hasPodEnded(pod) && pod.metadata?.deletionTimestamp === undefined;
}

/** Whether it is being deleted and has not ended yet. */
export function isPodTerminating(pod: V1Pod): boolean {
  return !hasPodEnded(pod) && pod.metadata?.deletionTimestamp !== undefined;
}

/** Since when it is ready, in milliseconds: 0 where it does not say, undefined for one that is not ready. */
export function readySince({ status }: V1Pod): number | undefined {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "True") return undefined;
  return ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : 0;
}

/** When it counts as available by itself: 0 for at once, undefined for one that is not ready. */
export function availableAt(pod: V1Pod, minReadySeconds: number): number | undefined {
  const since = readySince(pod);
  if (since === undefined) return undefined;
  if (minReadySeconds === 0) return 0;
  return since === 0 ? Number.POSITIVE_INFINITY : since + minReadySeconds * 1000;
}
