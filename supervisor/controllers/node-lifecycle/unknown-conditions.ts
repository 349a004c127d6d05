import type { V1Node, V1NodeCondition } from "../../api/generated/types.ts";

/** The conditions that a kubelet reports and that nobody knows once it is silent. */
const reported = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** A silent Node's conditions (kube-controller-manager `tryUpdateNodeHealth`); undefined where they say so already. */
export function unknownConditions(node: V1Node, now: string): readonly V1NodeCondition[] | undefined {
  const current = node.status?.conditions ?? [];
  const isKnown = (type: string): boolean => current.find((one) => one.type === type)?.status !== "Unknown";
  if (!reported.some(isKnown)) return undefined;
  const changed = current.map((condition) =>
    reported.includes(condition.type) && condition.status !== "Unknown"
      ? {
          ...condition,
          status: "Unknown",
          reason: "NodeStatusUnknown",
          message: "Kubelet stopped posting node status.",
          lastTransitionTime: now,
        }
      : condition,
  );
  const created = node.metadata?.creationTimestamp ?? now;
  const added = reported
    .filter((type) => !current.some((condition) => condition.type === type))
    .map((type) => ({
      type,
      status: "Unknown",
      reason: "NodeStatusNeverUpdated",
      message: "Kubelet never posted node status.",
      lastHeartbeatTime: created,
      lastTransitionTime: now,
    }));
  return [...changed, ...added];
}
