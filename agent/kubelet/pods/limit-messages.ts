import type { V1ContainerState, V1ContainerStatus, V1Pod } from "../../../supervisor/api/generated/types.ts";

/** What the messages of all of a Pod's containers may have together, in bytes (kubelet). */
const maxPodBytes = 12 * 1024;

/** Cuts the messages of ended containers to their share of what a Pod's may have (kubelet `normalizeStatus`). */
export function limitMessages({ spec }: V1Pod, statuses: readonly V1ContainerStatus[]): V1ContainerStatus[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec ?? {};
  const count = initContainers.length + containers.length + ephemeralContainers.length;
  const maxBytes = Math.floor(maxPodBytes / Math.max(1, count));
  return statuses.map((status) => {
    const { state, lastState } = status;
    return {
      ...status,
      ...(state && { state: limited(state, maxBytes) }),
      ...(lastState && { lastState: limited(lastState, maxBytes) }),
    };
  });
}

function limited(state: V1ContainerState, maxBytes: number): V1ContainerState {
  const message = state.terminated?.message ?? "";
  if (!state.terminated || Buffer.byteLength(message) <= maxBytes) return state;
  const cut = Buffer.from(message).subarray(0, maxBytes).toString();
  return { ...state, terminated: { ...state.terminated, message: cut } };
}
