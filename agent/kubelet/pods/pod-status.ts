import type { V1Pod, V1PodStatus } from "../../../supervisor/api/generated/types.ts";
import { timestamp } from "../../../supervisor/base/timestamp.ts";
import { actuatedResources, wholePod } from "../resize/container-allocation.ts";
import type { PodResize } from "../resize/pod-resize.ts";
import { qosClass } from "../sandbox/qos-class.ts";
import type { ProbesOf } from "./container-kill.ts";
import { containerStatuses, type WaitingReasons } from "./container-statuses.ts";
import { podConditions } from "./pod-conditions.ts";
import { type PodPhase, podPhase } from "./pod-phase.ts";
import type { PodRuntimeState } from "./pod-runtime-state.ts";

export interface PodStatusInput {
  /** The newest object of the API: what others wrote in its status is kept. */
  readonly pod: V1Pod;
  readonly state: PodRuntimeState;
  readonly waiting: WaitingReasons;
  readonly probesOf: ProbesOf;
  /** All containers are to begin anew: they are being ended, or have been. */
  readonly restartAll?: "under way" | "done";
  /** Absent: what the Pod asks for is what it has. */
  readonly resize?: PodResize;
  readonly hostAddress: string;
  readonly nowMs: number;
  /** Nothing of the Pod runs any more, nor ever will. */
  readonly ended: boolean;
  /** Why the host gave the Pod up (`DeadlineExceeded`, `OutOfcpu`). */
  readonly failure?: { readonly reason: string; readonly message: string; readonly isDisruption?: boolean };
}

/** A Pod's whole status as this host sees it (kubelet `generateAPIPodStatus`). */
export function podStatus(input: PodStatusInput): V1PodStatus {
  const { pod, state, failure, nowMs, restartAll } = input;
  const before = pod.status ?? {};
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const statusesInput = { ...input, restarting: restartAll === "done" || wasRestarting(pod) };
  const init = containerStatuses(statusesInput, initContainers, before.initContainerStatuses ?? [], "init");
  const regular = containerStatuses(statusesInput, containers, before.containerStatuses ?? [], "regular");
  const ephemeral = containerStatuses(
    statusesInput,
    ephemeralContainers,
    before.ephemeralContainerStatuses ?? [],
    "ephemeral",
  );
  const phase = finalPhase(before.phase) ?? (failure ? "Failed" : podPhase(pod, init, regular, input.ended));
  const sandbox = state.sandboxes[0];
  const address = pod.spec?.hostNetwork ? input.hostAddress : (sandbox?.address ?? before.podIP);
  const generation = pod.metadata?.generation;
  const given = pod.spec?.resources && (input.resize?.allocation?.get(wholePod) ?? pod.spec.resources);
  return {
    phase,
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: podConditions({
      pod,
      phase,
      init,
      regular,
      restartingAll: restartAll === "under way",
      sandboxReady: sandbox?.state === "ready",
      resize: input.resize?.conditions() ?? [],
      nowMs,
      ...(failure?.isDisruption && { disruption: failure.message }),
    }),
    ...explanation(before, failure),
    hostIP: input.hostAddress,
    hostIPs: [{ ip: input.hostAddress }],
    ...(address && { podIP: address, podIPs: [{ ip: address }] }),
    startTime: before.startTime ?? timestamp(nowMs),
    ...(given?.requests && { allocatedResources: given.requests }),
    ...(given && { resources: (sandbox && actuatedResources(sandbox)) ?? given }),
    ...(initContainers.length > 0 && { initContainerStatuses: init }),
    containerStatuses: regular,
    ...(ephemeralContainers.length > 0 && { ephemeralContainerStatuses: ephemeral }),
    qosClass: before.qosClass ?? qosClass(pod),
  };
}

/** Whether a daemon before this one began to restart all containers. */
function wasRestarting({ status }: V1Pod): boolean {
  const conditions = status?.conditions ?? [];
  return conditions.some(({ type, status: is }) => type === "AllContainersRestarting" && is === "True");
}

/** A Pod that has ended never runs again. */
function finalPhase(phase: string | undefined): PodPhase | undefined {
  return phase === "Succeeded" || phase === "Failed" ? phase : undefined;
}

function explanation(
  before: V1PodStatus,
  failure: PodStatusInput["failure"],
): Pick<V1PodStatus, "reason" | "message"> {
  const { reason, message } = failure ?? before;
  return { ...(reason && { reason }), ...(message && { message }) };
}
