import type { V1ContainerStatus, V1Pod } from "../../../supervisor/api/generated/types.ts";

/** There is no log to read; the message is kubelet's. */
export class NoLogError extends Error {
  override readonly name = "NoLogError";
}

/** The `containerID` whose log is meant (kubelet `validateContainerLogStatus`). Throws {@link NoLogError}. */
export function chooseLog(pod: V1Pod, container: string, previous: boolean): string {
  const podName = pod.metadata?.name ?? "";
  const subject = `container ${JSON.stringify(container)} in pod ${JSON.stringify(podName)}`;
  const status = statusOf(pod, container);
  if (status === undefined) throw new NoLogError(`${subject} is not available`);
  const { waiting, running, terminated } = status.state ?? {};
  const lastId = status.lastState?.terminated?.containerID ?? "";
  if (previous) {
    if (lastId === "") throw new NoLogError(`previous terminated ${subject} not found`);
    return lastId;
  }
  const currentId = running !== undefined ? status.containerID : terminated?.containerID;
  if (currentId !== undefined && currentId !== "") return currentId;
  if (lastId !== "") return lastId;
  if (terminated !== undefined || status.lastState?.terminated !== undefined) {
    throw new NoLogError(`${subject} is terminated`);
  }
  if (waiting === undefined) throw new NoLogError(`${subject} is waiting to start - no logs yet`);
  throw new NoLogError(`${subject} is waiting to start: ${waitingText(waiting.reason ?? "")}`);
}

function statusOf(pod: V1Pod, container: string): V1ContainerStatus | undefined {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    ({ name }) => name === container,
  );
}

function waitingText(reason: string): string {
  if (reason === "ErrImagePull") return "image can't be pulled";
  if (reason === "ImagePullBackOff") return "trying and failing to pull image";
  return reason;
}
