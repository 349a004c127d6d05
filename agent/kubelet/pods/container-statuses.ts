import type {
  V1Container,
  V1ContainerState,
  V1ContainerStatus,
  V1Pod,
} from "../../../supervisor/api/generated/types.ts";
import { timestamp } from "../../../supervisor/base/timestamp.ts";
import type { ContainerStatus } from "../../runtime/runtime.ts";
import type { ContainerErrorReason } from "../containers/container-start-error.ts";
import { actuatedResources } from "../resize/container-allocation.ts";
import type { PodResize } from "../resize/pod-resize.ts";
import { imageAnnotation, imageReferenceAnnotation } from "../sandbox/pod-identity.ts";
import type { ProbesOf } from "./container-kill.ts";
import { limitMessages } from "./limit-messages.ts";
import { shouldRestart } from "./pod-actions.ts";
import { instancesOf, latestInstance, type PodRuntimeState, restartCount } from "./pod-runtime-state.ts";
import { isSidecar } from "./restart-policy.ts";

/** Why a container waits, by the container's name. */
export type WaitingReasons = ReadonlyMap<
  string,
  { readonly reason: ContainerErrorReason; readonly message: string }
>;

/** What stands for a container whose end nobody saw (kubelet). */
const lostExitCode = 137;

export interface ContainerStatusesInput {
  readonly pod: V1Pod;
  readonly state: PodRuntimeState;
  readonly waiting: WaitingReasons;
  readonly probesOf: ProbesOf;
  /** All containers are to begin anew: those that are gone wait for their turn. */
  readonly restarting: boolean;
  /** Nothing of the Pod runs any more, nor ever will. */
  readonly ended: boolean;
  readonly resize?: PodResize;
}

/** The list of its spec that a container stands in. */
type ContainerKind = "init" | "regular" | "ephemeral";

/** The statuses of these containers of a Pod, in their order (kubelet `convertToAPIContainerStatuses`). */
export function containerStatuses(
  input: ContainerStatusesInput,
  containers: readonly V1Container[],
  known: readonly V1ContainerStatus[],
  kind: ContainerKind,
): V1ContainerStatus[] {
  const { initContainers = [] } = input.pod.spec ?? {};
  const waitingReason = initContainers.length > 0 ? "PodInitializing" : "ContainerCreating";
  const statuses = containers.map((container) => {
    const before = known.find(({ name }) => name === container.name);
    const resources = kind === "ephemeral" ? {} : resourcesStatus(input, container);
    const mounts = volumeMountStatuses(container);
    const draft = { ...statusOf(input, container, before, waitingReason), ...resources, ...mounts };
    if (kind === "ephemeral") return { ...draft, ready: false };
    const started = hasStarted(input, container, draft);
    if (kind === "init" && !isSidecar(container)) {
      return { ...draft, ready: draft.state?.terminated?.exitCode === 0, started };
    }
    return { ...draft, ready: started && isReady(input, container), started };
  });
  return limitMessages(input.pod, statuses);
}

function hasStarted(input: ContainerStatusesInput, container: V1Container, { state }: Draft): boolean {
  if (!state?.running) return false;
  return !container.startupProbe || probesOf(input, container)?.startup === "success";
}

function isReady(input: ContainerStatusesInput, container: V1Container): boolean {
  return !container.readinessProbe || probesOf(input, container)?.readiness === "success";
}

function probesOf(input: ContainerStatusesInput, { name }: V1Container): ReturnType<ProbesOf> {
  const newest = latestInstance(input.state, name);
  return newest && input.probesOf(newest.id);
}

/** What the container has, and what of it the node has set aside (kubelet `convertContainerStatusResources`). */
function resourcesStatus(
  { resize, state }: ContainerStatusesInput,
  container: V1Container,
): Pick<V1ContainerStatus, "allocatedResources" | "resources"> {
  const allocated = resize?.allocation?.get(container.name) ?? container.resources ?? {};
  const newest = latestInstance(state, container.name);
  const actual = newest?.state === "running" ? actuatedResources(newest) : undefined;
  return {
    ...(allocated.requests && { allocatedResources: allocated.requests }),
    resources: actual ?? allocated,
  };
}

/** How each volume is mounted (kubelet `convertToAPIContainerStatuses`). */
function volumeMountStatuses({ volumeMounts = [] }: V1Container): Pick<V1ContainerStatus, "volumeMounts"> {
  if (volumeMounts.length === 0) return {};
  return {
    volumeMounts: volumeMounts.map(({ name, mountPath, readOnly, recursiveReadOnly = "Disabled" }) => ({
      name,
      mountPath,
      ...(readOnly && {
        readOnly,
        recursiveReadOnly: recursiveReadOnly === "Disabled" ? "Disabled" : "Enabled",
      }),
    })),
  };
}

type Draft = Omit<V1ContainerStatus, "ready" | "started">;

function statusOf(
  input: ContainerStatusesInput,
  container: V1Container,
  before: V1ContainerStatus | undefined,
  waitingReason: string,
): Draft {
  const [newest, previous] = instancesOf(input.state, container.name);
  const draft = newest
    ? instanceStatus(container, newest, previous, before, waitingReason)
    : absentStatus(input, container, before, waitingReason);
  const why = input.waiting.get(container.name);
  if (!why || input.ended || !shouldRestart(input.pod, container, newest)) return draft;
  const { state, lastState } = draft;
  return { ...draft, state: { waiting: why }, lastState: state?.terminated ? state : (lastState ?? {}) };
}

function instanceStatus(
  container: V1Container,
  newest: ContainerStatus,
  previous: ContainerStatus | undefined,
  before: V1ContainerStatus | undefined,
  waitingReason: string,
): Draft {
  const count = restartCount(newest);
  const kept = before && (before.restartCount === count ? before.lastState : endOf(before));
  return {
    name: container.name,
    image: newest.annotations[imageAnnotation] ?? container.image ?? "",
    imageID: newest.annotations[imageReferenceAnnotation] ?? newest.imageId,
    containerID: containerId(newest),
    ...(newest.user && { user: { linux: newest.user } }),
    restartCount: count,
    state: instanceState(newest) ?? { waiting: { reason: waitingReason } },
    lastState: (previous && instanceState(previous)) ?? kept ?? {},
  };
}

/** What the API knows of an instance that ended and that the runtime has no more. */
function endOf({ state, lastState }: V1ContainerStatus): V1ContainerState | undefined {
  if (state?.terminated) return { terminated: state.terminated };
  return state?.waiting && lastState;
}

/** The runtime has nothing of the container: what the API knows of it is kept, unless it was to be running. */
function absentStatus(
  input: ContainerStatusesInput,
  container: V1Container,
  before: V1ContainerStatus | undefined,
  waitingReason: string,
): Draft {
  const fresh: Draft = {
    name: container.name,
    image: container.image ?? "",
    imageID: before?.imageID ?? "",
    restartCount: before?.restartCount ?? 0,
    ...(before?.containerID && { containerID: before.containerID }),
    ...(before?.user && { user: before.user }),
    state: { waiting: { reason: waitingReason } },
    lastState: before?.lastState ?? {},
  };
  if (input.restarting) return { ...fresh, lastState: (before && endOf(before)) ?? fresh.lastState ?? {} };
  if (before?.state?.terminated) return { ...fresh, state: { terminated: before.state.terminated } };
  if (!before?.state?.running) return fresh;
  const lost: V1ContainerState = {
    terminated: {
      exitCode: lostExitCode,
      reason: "ContainerStatusUnknown",
      message: input.pod.metadata?.deletionTimestamp
        ? "The container could not be located when the pod was deleted.  The container used to be Running"
        : "The container could not be located when the pod was terminated",
      ...(before.containerID && { containerID: before.containerID }),
      ...(before.state.running.startedAt && { startedAt: before.state.running.startedAt }),
    },
  };
  if (input.ended) return { ...fresh, state: lost };
  return { ...fresh, lastState: lost, restartCount: fresh.restartCount + 1 };
}

/** Undefined for a container that was made and not started: it has no state of its own to tell. */
function instanceState(container: ContainerStatus): V1ContainerState | undefined {
  if (container.state === "created") return undefined;
  const started = container.startedAt && { startedAt: timestamp(container.startedAt.getTime()) };
  if (container.state === "running") return { running: { ...started } };
  const exitCode = container.exitCode ?? lostExitCode;
  return {
    terminated: {
      exitCode,
      reason: container.reason ?? (exitCode === 0 ? "Completed" : "Error"),
      containerID: containerId(container),
      ...started,
      ...(container.finishedAt && { finishedAt: timestamp(container.finishedAt.getTime()) }),
      ...(container.signal && { signal: container.signal }),
      ...(container.message && { message: container.message }),
    },
  };
}

function containerId(container: ContainerStatus): string {
  return `crx://${container.id}`;
}
