/** Takes one of the disruptions that a budget allows. */
import type { V1Condition } from "../../api/generated/types.ts";
import { ApiError } from "../../apimachinery/errors.ts";
import { newForbidden, newTooManyRequests } from "../../apimachinery/status-errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { ResourceContext } from "../request-context.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { Budget } from "./pod-budgets.ts";

/** How many evictions may be under way before the budget's controller has seen them. */
const maxDisruptedPods = 2000;
const violation = "Cannot evict pod as it would violate the pod's disruption budget.";
const allowed = "DisruptionAllowed";

function refusal(message: string, retryAfterSeconds: number): ApiError {
  const { status } = newTooManyRequests(violation, retryAfterSeconds);
  const causes = [{ reason: "DisruptionBudget", message }];
  const details = { ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}), causes };
  return new ApiError({ ...status, details });
}

/** What a budget says is not yet, or no more, what is. */
export function stillProcessed({ metadata }: Budget): ApiError {
  return refusal(`The disruption budget ${metadata.name} is still being processed by the server.`, 10);
}

/** Throws TooManyRequests where the budget allows no disruption, and Forbidden where it is out of order. */
export async function claimDisruption(
  context: ResourceContext,
  budgets: ObjectStore,
  { metadata }: Budget,
  podName: string,
  dryRun: boolean,
): Promise<void> {
  const { namespace = "", name = "" } = metadata;
  const now = timestamp(context.services.clock.now());
  // Where another eviction comes between, again from the newest state.
  await budgets.update(namespace, name, dryRun, (existing) => {
    const object = budgets.codec.decode(existing);
    // What this store holds are budgets.
    claim(object as unknown as Budget, podName, now);
    return { action: "store", object };
  });
}

function claim(budget: Budget, podName: string, now: string): void {
  const { metadata, status = {} } = budget;
  const { disruptionsAllowed = 0, disruptedPods = {}, desiredHealthy = 0, currentHealthy = 0 } = status;
  const name = metadata.name ?? "";
  const forbid = (why: string) =>
    newForbidden({ group: "policy", resource: "poddisruptionbudget" }, name, why);
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw stillProcessed(budget);
  if (disruptionsAllowed < 0) throw forbid("pdb disruptions allowed is negative");
  if (Object.keys(disruptedPods).length > maxDisruptedPods) {
    throw forbid("DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (disruptionsAllowed === 0) {
    throw refusal(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
      0,
    );
  }
  budget.status = {
    ...status,
    disruptionsAllowed: disruptionsAllowed - 1,
    disruptedPods: { ...disruptedPods, [podName]: now },
  };
  if (disruptionsAllowed === 1) setExhausted(budget, now);
}

/** Says by a condition that nothing more is allowed. */
function setExhausted({ metadata, status }: Budget, now: string): void {
  if (status === undefined) return;
  const before = status.conditions?.find(({ type }) => type === allowed);
  const condition: V1Condition = {
    type: allowed,
    status: "False",
    reason: "InsufficientPods",
    message: "",
    lastTransitionTime: before?.status === "False" ? before.lastTransitionTime : now,
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
  };
  status.conditions = [...(status.conditions ?? []).filter(({ type }) => type !== allowed), condition];
}
