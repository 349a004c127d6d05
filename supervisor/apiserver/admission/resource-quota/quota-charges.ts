/** Whether a request fits into quotas, and what it makes of them (apiserver `plugin/resourcequota`, `CheckRequest`). */
import { isInScopes, type QuotaEvaluator } from "../../../api/core/v1/quota/quota-evaluator.ts";
import type { V1ResourceQuota } from "../../../api/generated/types.ts";
import {
  addResources,
  compareQuantities,
  exceededResources,
  formatResources,
  maskResources,
  type ResourceList,
  subtractResources,
} from "../../../apimachinery/resource-list.ts";
import type { AdmissionRequest } from "../admission.ts";
import { refusal } from "../refusal.ts";

/** Gives what is used of each quota with the request, for those that it changes. Throws Forbidden. */
export function chargedUsage(
  request: AdmissionRequest,
  evaluator: QuotaEvaluator,
  quotas: ReadonlyMap<string, V1ResourceQuota>,
  nowMs: number,
): ReadonlyMap<string, ResourceList> {
  const { object, old, operation } = request;
  const charged = new Map<string, ResourceList>();
  if (object === undefined) return charged;
  const concerned = [...quotas].filter(([name, quota]) => isConcerned(request, evaluator, name, quota));
  if (concerned.length === 0) return charged;
  const usage = evaluator.usage(object, nowMs);
  const negative = Object.keys(usage).filter((name) => compareQuantities(usage[name] ?? "0", "0") < 0);
  if (negative.length > 0) {
    throw refusal(request, `quota usage is negative for resource(s): ${negative.sort().join(",")}`);
  }
  const before = operation === "UPDATE" && old !== undefined ? evaluator.usage(old, nowMs) : undefined;
  for (const [name, quota] of concerned) {
    const wasCharged = before !== undefined && old !== undefined && isInScopes(evaluator, quota, old);
    const wanted = wasCharged ? subtractResources(usage, before) : usage;
    const next = charge(request, name, quota, wanted);
    if (next !== undefined) charged.set(name, next);
  }
  return charged;
}

/** Whether a quota limits something of the object. Throws Forbidden where the object does not say what it must. */
function isConcerned(
  request: AdmissionRequest,
  evaluator: QuotaEvaluator,
  name: string,
  quota: V1ResourceQuota,
): boolean {
  const { object } = request;
  const limited = Object.keys(quota.status?.hard ?? {}).filter((resource) => evaluator.measures(resource));
  if (object === undefined || limited.length === 0 || !isInScopes(evaluator, quota, object)) return false;
  const complaint = evaluator.complaint?.(limited, object);
  if (complaint !== undefined) throw refusal(request, `failed quota: ${name}: ${complaint}`);
  const unknown = limited.filter((resource) => quota.status?.used?.[resource] === undefined);
  if (unknown.length > 0) {
    throw refusal(request, `status unknown for quota: ${name}, resources: ${limited.sort().join(",")}`);
  }
  return true;
}

/** What is used with the request; undefined where that is no more than before. */
function charge(
  request: AdmissionRequest,
  name: string,
  { status }: V1ResourceQuota,
  wanted: ResourceList,
): ResourceList | undefined {
  const { hard = {}, used = {} } = status ?? {};
  const isCounted = (resource: string, amount: string): boolean =>
    hard[resource] !== undefined && compareQuantities(amount, "0") !== 0;
  const requested = maskResources(wanted, isCounted);
  if (Object.keys(requested).length === 0) return undefined;
  const next = addResources(used, requested);
  // Those who write a status tell what is already so.
  if (request.context.info.subresource === "status") return next;
  const exceeded = exceededResources(
    maskResources(next, (resource) => requested[resource] !== undefined),
    hard,
  );
  if (exceeded.length === 0) return next;
  const [ofRequest, ofUsed, ofHard] = [requested, used, hard].map((list) =>
    formatResources(maskResources(list, (resource) => exceeded.includes(resource))),
  );
  throw refusal(
    request,
    `exceeded quota: ${name}, requested: ${ofRequest}, used: ${ofUsed}, limited: ${ofHard}`,
  );
}
