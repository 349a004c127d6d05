import type { V1Container, V1Pod } from "../../supervisor/api/generated/types.ts";
import type { PodStreams } from "./pod-streams.ts";

/** An answer to a request that names what is not there; in kubelet's words. */
export class KubeletError extends Error {
  override readonly name = "KubeletError";
  constructor(
    readonly status: 400 | 403 | 404 | 500,
    message: string,
  ) {
    super(message);
  }
}

export function findPod(streams: PodStreams, namespace: string, name: string): V1Pod | undefined {
  return streams.pods().find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name);
}

/** A container of any kind as the Pod's spec has it. */
export function findContainer(
  pod: V1Pod,
  name: string,
): Pick<V1Container, "name" | "tty" | "stdin"> | undefined {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  return [...containers, ...initContainers, ...ephemeralContainers].find(
    (container) => container.name === name,
  );
}

export function isRunning(pod: V1Pod, container: string): boolean {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].some(
    (status) => status.name === container && status.state?.running !== undefined,
  );
}
