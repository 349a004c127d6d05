/** Evicts a Pod where its budgets allow it (kubernetes `pkg/registry/core/pod/storage/eviction.go`). */
import type { V1DeleteOptions, V1Eviction, V1Pod } from "../../api/generated/types.ts";
import { ApiError, isConflict } from "../../apimachinery/errors.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newInternalError } from "../../apimachinery/status-errors.ts";
import type { Typed } from "../../registry/resource-definition.ts";
import { Admission } from "../admission/admission.ts";
import { deleteObject } from "../handlers/delete.ts";
import { type DeleteOptions, deleteOptionsOf } from "../handlers/delete-options.ts";
import type { ResourceContext } from "../request-context.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { claimDisruption, stillProcessed } from "./claim-disruption.ts";
import { type Budget, budgetsOf } from "./pod-budgets.ts";

type Pod = Typed<V1Pod>;

/** How often a Pod is looked at anew where somebody changes it meanwhile. */
const maxAttempts = 20;
/** The deletion was allowed with the eviction. */
const noAdmission = new Admission([]);

/** Throws NotFound, Conflict, TooManyRequests and Forbidden. */
export async function evictPod(
  context: ResourceContext,
  budgets: ObjectStore,
  eviction: ApiObject,
): Promise<void> {
  const options = optionsOf(context, eviction);
  for (let attempt = 1; ; attempt++) {
    try {
      await evictOnce(context, budgets, options);
      return;
    } catch (error) {
      const isFinal = options.resourceVersion !== undefined || attempt === maxAttempts;
      if (isFinal || !isConflict(error) || hasUidPrecondition(options)) throw error;
    }
  }
}

function hasUidPrecondition({ uid }: DeleteOptions): boolean {
  return uid !== undefined;
}

/** The options of the deletion; dry run may be said by either of the two. */
function optionsOf({ info }: ResourceContext, eviction: ApiObject): DeleteOptions {
  // Decoding made this an Eviction.
  const given: V1DeleteOptions = (eviction as V1Eviction).deleteOptions ?? {};
  const asked = info.query.getAll("dryRun");
  const { dryRun = [] } = given;
  if (asked.length > 0 && dryRun.length > 0 && !equalJson(asked, dryRun)) {
    const show = (list: readonly string[]) => `[${list.join(" ")}]`;
    throw newInternalError(
      new Error(`Non-matching dry-run options in request and content: ${show(asked)} and ${show(dryRun)}`),
    );
  }
  return deleteOptionsOf(asked.length > 0 ? { ...given, dryRun: asked } : given);
}

async function evictOnce(
  context: ResourceContext,
  budgets: ObjectStore,
  options: DeleteOptions,
): Promise<void> {
  const { store, info } = context;
  // Only Pods have this subresource.
  const pod = store.codec.decode(await store.get(info.namespace, info.name)) as unknown as Pod;
  const { resourceVersion = "" } = pod.metadata;
  if (isBeyondBudgets(pod)) {
    const mustBeSame = !isOver(pod) && options.resourceVersion === undefined;
    await remove(context, mustBeSame ? { ...options, resourceVersion } : options);
    return;
  }
  const budget = await budgetOf(budgets, pod);
  if (budget === undefined) {
    await remove(context, options);
    return;
  }
  if (!isGuarded(pod, budget)) {
    await removeUnready(context, options, budget, resourceVersion);
    return;
  }
  await claimDisruption(context, budgets, budget, info.name, options.dryRun);
  await remove(context, options);
}

/** What never ran, runs no more or goes already disrupts nothing. */
function isBeyondBudgets(pod: Pod): boolean {
  return isOver(pod) || pod.status?.phase === "Pending";
}

function isOver({ status, metadata }: Pod): boolean {
  const { phase } = status ?? {};
  return phase === "Succeeded" || phase === "Failed" || metadata.deletionTimestamp !== undefined;
}

async function budgetOf(budgets: ObjectStore, pod: Pod): Promise<Budget | undefined> {
  const [budget, ...others] = await budgetsOf(budgets, pod.metadata);
  if (others.length === 0) return budget;
  throw new ApiError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message:
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    code: 500,
  });
}

/** A Pod that is not ready is guarded only where its budget counts on it becoming so. */
function isGuarded(pod: Pod, { spec, status }: Budget): boolean {
  const isReady =
    pod.status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
  if (isReady) return true;
  if (spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return false;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy < desiredHealthy || desiredHealthy <= 0;
}

/** Refused where the Pod has changed meanwhile: it may be ready now. */
async function removeUnready(
  context: ResourceContext,
  options: DeleteOptions,
  budget: Budget,
  resourceVersion: string,
): Promise<void> {
  try {
    await remove(context, { ...options, resourceVersion });
  } catch (error) {
    if (isConflict(error) && options.resourceVersion === undefined) throw stillProcessed(budget);
    throw error;
  }
}

async function remove(context: ResourceContext, options: DeleteOptions): Promise<void> {
  const { namespace, name } = context.info;
  await deleteObject({ ...context, admission: noAdmission }, namespace, name, options);
}
