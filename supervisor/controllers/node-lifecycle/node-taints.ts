import type { V1Node, V1Taint } from "../../api/generated/types.ts";

/** The taints that follow from a Node's conditions (kube-controller-manager `nodeConditionToTaintKeyStatusMap`). */
const taintsByCondition: ReadonlyArray<{
  readonly type: string;
  readonly status: string;
  readonly key: string;
}> = [
  { type: "Ready", status: "False", key: "node.kubernetes.io/not-ready" },
  { type: "Ready", status: "Unknown", key: "node.kubernetes.io/unreachable" },
  { type: "MemoryPressure", status: "True", key: "node.kubernetes.io/memory-pressure" },
  { type: "DiskPressure", status: "True", key: "node.kubernetes.io/disk-pressure" },
  { type: "PIDPressure", status: "True", key: "node.kubernetes.io/pid-pressure" },
  { type: "NetworkUnavailable", status: "True", key: "node.kubernetes.io/network-unavailable" },
];
const unschedulableKey = "node.kubernetes.io/unschedulable";
const ownedKeys = new Set([...taintsByCondition.map((entry) => entry.key), unschedulableKey]);

/** The keys of the `NoSchedule` taints that a Node's conditions and its cordon ask for. */
export function wantedTaintKeys(node: V1Node): readonly string[] {
  const conditions = node.status?.conditions ?? [];
  const keys = taintsByCondition
    .filter((entry) => conditions.some(({ type, status }) => type === entry.type && status === entry.status))
    .map((entry) => entry.key);
  return node.spec?.unschedulable ? [...keys, unschedulableKey] : keys;
}

/** A Node's taints as they should be; undefined where they are so already. */
export function correctedTaints(node: V1Node, now: string): readonly V1Taint[] | undefined {
  const current = node.spec?.taints ?? [];
  const wanted = new Set(wantedTaintKeys(node));
  const isOwned = (taint: V1Taint): boolean => taint.effect === "NoSchedule" && ownedKeys.has(taint.key);
  const kept = current.filter((taint) => !isOwned(taint) || wanted.has(taint.key));
  const present = new Set(kept.filter(isOwned).map((taint) => taint.key));
  const added = [...wanted].filter((key) => !present.has(key));
  if (kept.length === current.length && added.length === 0) return undefined;
  return [...kept, ...added.map((key) => ({ key, effect: "NoSchedule", timeAdded: now }))];
}
