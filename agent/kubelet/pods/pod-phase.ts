import type { V1ContainerStatus, V1Pod } from "../../../supervisor/api/generated/types.ts";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

interface Counts {
  waiting: number;
  running: number;
  stopped: number;
  succeeded: number;
}

/** The phase that follows from the containers' statuses (kubelet `getPhase`). */
export function podPhase(
  pod: V1Pod,
  init: readonly V1ContainerStatus[],
  regular: readonly V1ContainerStatus[],
  ended: boolean,
): PodPhase {
  const restartPolicy = pod.spec?.restartPolicy ?? "Always";
  const failedInit = init.some(
    ({ state, lastState }) => failed(state?.terminated) || failed(lastState?.terminated),
  );
  if (restartPolicy === "Never" && failedInit) return "Failed";
  const counts = count(regular);
  const total = regular.length;
  if (ended) return total > 0 && counts.succeeded === total ? "Succeeded" : "Failed";
  const hasBegun = regular.some(
    ({ state, lastState }) => state?.running || state?.terminated || lastState?.terminated,
  );
  if (init.some(({ ready }) => !ready) && !hasBegun) return "Pending";
  if (counts.waiting > 0) return "Pending";
  if (counts.running > 0) return "Running";
  if (counts.stopped === 0) return "Pending";
  if (restartPolicy === "Always") return "Running";
  if (counts.succeeded === total) return "Succeeded";
  return restartPolicy === "Never" ? "Failed" : "Running";
}

function failed(terminated: { readonly exitCode: number } | undefined): boolean {
  return terminated !== undefined && terminated.exitCode !== 0;
}

/** A container that waits for its restart counts as stopped. */
function count(statuses: readonly V1ContainerStatus[]): Counts {
  const counts: Counts = { waiting: 0, running: 0, stopped: 0, succeeded: 0 };
  for (const { state, lastState } of statuses) {
    if (state?.running) counts.running++;
    else if (state?.terminated) {
      counts.stopped++;
      if (state.terminated.exitCode === 0) counts.succeeded++;
    } else if (lastState?.terminated) counts.stopped++;
    else counts.waiting++;
  }
  return counts;
}
