import type {
  V1Condition,
  V1PodDisruptionBudget,
  V1PodDisruptionBudgetStatus,
} from "../../api/generated/types.ts";
import { timestamp } from "../../base/timestamp.ts";

const allowed = "DisruptionAllowed";

/** What a budget's status says when so many Pods may go; the condition's reason is another after a failure. */
export function budgetStatus(
  budget: V1PodDisruptionBudget,
  counts: Pick<
    V1PodDisruptionBudgetStatus,
    "currentHealthy" | "desiredHealthy" | "disruptedPods" | "disruptionsAllowed" | "expectedPods"
  >,
  nowMs: number,
  failure?: string,
): V1PodDisruptionBudgetStatus {
  const { generation } = budget.metadata ?? {};
  const { disruptionsAllowed = 0, disruptedPods = {}, ...others } = counts;
  const conditions = budget.status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === allowed);
  const status = disruptionsAllowed > 0 ? "True" : "False";
  const reason = disruptionsAllowed > 0 ? "SufficientPods" : "InsufficientPods";
  const condition: V1Condition = {
    type: allowed,
    status,
    reason: failure === undefined ? reason : "SyncFailed",
    message: failure ?? "",
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : timestamp(nowMs),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  return {
    ...others,
    disruptionsAllowed,
    ...(Object.keys(disruptedPods).length === 0 ? {} : { disruptedPods }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [...conditions.filter(({ type }) => type !== allowed), condition],
  };
}
