import type { V1Container, V1ContainerStatus, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { isSidecar, restartsAfter, restartsAll } from "./restart-policy.ts";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

/** A Pod's containers by what they do; one that waits for its restart counts as stopped. */
interface Counts {
  waiting: number;
  running: number;
  stopped: number;
  succeeded: number;
  /** Of those that stopped. */
  toRestart: number;
}

/** The phase that follows from the containers' statuses (kubelet `getPhase`). */
export function podPhase(
  pod: V1Pod,
  init: readonly V1ContainerStatus[],
  regular: readonly V1ContainerStatus[],
  ended: boolean,
): PodPhase {
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  if (hasFailedInit(pod, init)) return "Failed";
  const counts = countRegular(pod, containers, regular);
  const total = regular.length;
  if (ended) return total > 0 && counts.succeeded === total ? "Succeeded" : "Failed";
  const hasBegun = regular.some(
    ({ state, lastState }) => state?.running || state?.terminated || lastState?.terminated,
  );
  if (!hasBegun && isInitializing(initContainers, init)) return "Pending";
  const sidecars = countSidecars(initContainers, init);
  if (counts.waiting + sidecars.waiting > 0) return "Pending";
  if (counts.running + sidecars.running > 0) return "Running";
  if (counts.stopped === 0) return "Pending";
  if (counts.toRestart > 0) return "Running";
  return counts.succeeded === total ? "Succeeded" : "Failed";
}

type Status = V1ContainerStatus | undefined;

function hasFailedInit(pod: V1Pod, statuses: readonly V1ContainerStatus[]): boolean {
  return (pod.spec?.initContainers ?? []).some((container) => {
    const status = statusOf(container, statuses);
    const { exitCode = 0 } = status?.state?.terminated ?? status?.lastState?.terminated ?? {};
    return !isSidecar(container) && exitCode !== 0 && !isToRestart(pod, container, exitCode);
  });
}

function isToRestart(pod: V1Pod, container: V1Container, exitCode: number): boolean {
  return restartsAfter(pod, container, exitCode) || restartsAll(container, exitCode);
}

function isInitializing(containers: readonly V1Container[], statuses: readonly V1ContainerStatus[]): boolean {
  return containers.some((container) => {
    const status = statusOf(container, statuses);
    return !(isSidecar(container) ? status?.started : status?.ready);
  });
}

/** A sidecar that was stopped does not count: it ends with its Pod, or starts again. */
function countSidecars(
  containers: readonly V1Container[],
  statuses: readonly V1ContainerStatus[],
): Pick<Counts, "waiting" | "running"> {
  const sidecars = containers.filter(isSidecar).map((container) => statusOf(container, statuses));
  const isWaiting = (status: Status): boolean =>
    !status?.state?.running && !status?.state?.terminated && !status?.lastState?.terminated;
  return {
    waiting: sidecars.filter(isWaiting).length,
    running: sidecars.filter((status) => status?.state?.running).length,
  };
}

function countRegular(
  pod: V1Pod,
  containers: readonly V1Container[],
  statuses: readonly V1ContainerStatus[],
): Counts {
  const counts: Counts = { waiting: 0, running: 0, stopped: 0, succeeded: 0, toRestart: 0 };
  for (const container of containers) {
    const { state, lastState } = statusOf(container, statuses) ?? {};
    const end = state?.terminated ?? lastState?.terminated;
    if (state?.running) counts.running++;
    else if (!end) counts.waiting++;
    else {
      counts.stopped++;
      if (state?.terminated?.exitCode === 0) counts.succeeded++;
      if (!state?.terminated || isToRestart(pod, container, end.exitCode)) counts.toRestart++;
    }
  }
  return counts;
}

function statusOf({ name }: V1Container, statuses: readonly V1ContainerStatus[]): Status {
  return statuses.find((status) => status.name === name);
}
