/** The columns that kubectl shows for Pods (kubernetes `pkg/printers/internalversion`, `printPod`). */
import type { V1ContainerState, V1ContainerStatus, V1Pod } from "../../../api/generated/types.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { humanDuration } from "../../human-duration.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type RowCondition, type TableDefinition } from "../../table.ts";

type Pod = Typed<V1Pod>;

const wide = { priority: 1 };

export const podTable: TableDefinition = {
  columns: [
    nameColumn,
    column("Ready", "The aggregate readiness state of this pod for accepting traffic."),
    column("Status", "The aggregate status of the containers in this pod."),
    column(
      "Restarts",
      "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.",
    ),
    ageColumn,
    column("IP", "podIP address allocated to the pod.", wide),
    column("Node", "The node on which the pod runs.", wide),
    column(
      "Nominated Node",
      "The node that the pod is nominated for while others are preempted there.",
      wide,
    ),
    column("Readiness Gates", "The conditions that make the pod ready beside its containers.", wide),
  ],
  cells(object: ApiObject, nowMs) {
    // Decoding made this a Pod.
    const pod = object as unknown as Pod;
    const { containers, restarts, lastRestart } = containerSummary(pod);
    const restartable = (pod.spec?.initContainers ?? []).filter((init) => init.restartPolicy === "Always");
    const total = (pod.spec?.containers ?? []).length + restartable.length;
    const since = lastRestart === undefined ? "" : ` (${humanDuration(nowMs - lastRestart)} ago)`;
    return [
      pod.metadata.name ?? "",
      `${containers}/${total}`,
      podReason(pod),
      restarts === 0 ? "0" : `${restarts}${since}`,
      age(pod.metadata.creationTimestamp, nowMs),
      pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || "<none>",
      pod.spec?.nodeName || "<none>",
      pod.status?.nominatedNodeName || "<none>",
      readinessGates(pod),
    ];
  },
  conditions(object: ApiObject) {
    // Decoding made this a Pod.
    return endConditions.get((object as unknown as Pod).status?.phase ?? "");
  },
};

function completed(reason: string, message: string): readonly RowCondition[] {
  return [{ type: "Completed", status: "True", reason, message }];
}

const endConditions: ReadonlyMap<string, readonly RowCondition[]> = new Map([
  ["Succeeded", completed("Succeeded", "The pod has completed successfully.")],
  ["Failed", completed("Failed", "The pod failed.")],
]);

function hasInitialized(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(
    ({ type, status }) => type === "Initialized" && status === "True",
  );
}

function containerSummary(pod: Pod) {
  const statuses = pod.status?.containerStatuses ?? [];
  const sidecars = (pod.status?.initContainerStatuses ?? []).filter((status) => isSidecar(pod, status.name));
  const initializing = initReason(pod) !== undefined && !hasInitialized(pod);
  const counted = initializing ? (pod.status?.initContainerStatuses ?? []) : [...sidecars, ...statuses];
  const finished = counted
    .map((status) => status.lastState?.terminated?.finishedAt ?? "")
    .filter((time) => time !== "")
    .map((time) => Date.parse(time));
  return {
    containers:
      statuses.filter((status) => status.ready && status.state?.running !== undefined).length +
      sidecars.filter((status) => status.ready && status.started).length,
    restarts: counted.reduce((sum, status) => sum + status.restartCount, 0),
    lastRestart: finished.length === 0 ? undefined : Math.max(...finished),
  };
}

function isSidecar(pod: Pod, name: string): boolean {
  return (pod.spec?.initContainers ?? []).some(
    (container) => container.name === name && container.restartPolicy === "Always",
  );
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const ready = gates.filter((gate) =>
    (pod.status?.conditions ?? []).some(
      (condition) => condition.type === gate.conditionType && condition.status === "True",
    ),
  );
  return `${ready.length}/${gates.length}`;
}

/** What a container's state says where it is more than running. */
function stateReason(state: V1ContainerState | undefined): string | undefined {
  if (state?.waiting?.reason) return state.waiting.reason;
  const ended = state?.terminated;
  if (ended === undefined) return undefined;
  if (ended.reason) return ended.reason;
  return ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`;
}

/** `Init:…` while init containers have not all done their part. */
function initReason(pod: Pod): string | undefined {
  const total = (pod.spec?.initContainers ?? []).length;
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    if (status.state?.terminated?.exitCode === 0) continue;
    if (isSidecar(pod, status.name) && status.started) continue;
    if (status.state?.terminated !== undefined) return `Init:${stateReason(status.state)}`;
    const waiting = status.state?.waiting?.reason;
    if (waiting && waiting !== "PodInitializing") return `Init:${waiting}`;
    return `Init:${index}/${total}`;
  }
  return undefined;
}

function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");
}

function runningReason(pod: Pod, statuses: readonly V1ContainerStatus[], start: string): string {
  let reason = start;
  for (const status of statuses.toReversed()) reason = stateReason(status.state) ?? reason;
  const running = statuses.some((status) => status.ready && status.state?.running !== undefined);
  if (reason === "Completed" && running) return isReady(pod) ? "Running" : "NotReady";
  return reason;
}

/** The word of the Status column. */
function podReason(pod: Pod): string {
  let reason = pod.status?.reason || pod.status?.phase || "";
  const gated = (pod.status?.conditions ?? []).some(
    (condition) => condition.type === "PodScheduled" && condition.reason === "SchedulingGated",
  );
  if (gated) reason = "SchedulingGated";
  const initializing = initReason(pod);
  if (initializing !== undefined) reason = initializing;
  if (initializing === undefined || hasInitialized(pod)) {
    reason = runningReason(pod, pod.status?.containerStatuses ?? [], reason);
  }
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (pod.status?.reason === "NodeLost") return "Unknown";
  return pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded" ? reason : "Terminating";
}
