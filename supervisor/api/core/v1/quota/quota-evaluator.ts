import type { ResourceList } from "../../../../apimachinery/resource-list.ts";
import type { V1ResourceQuota, V1ScopedResourceSelectorRequirement } from "../../../generated/types.ts";

/** An object of any kind, as much of it as quotas look at. */
export interface MeasuredObject {
  readonly metadata?: object;
}

/** Measures what the objects of one resource take of a quota (apiserver `pkg/quota/v1`, `Evaluator`). */
export interface QuotaEvaluator {
  /** Set where every object takes the same: none has to be read. */
  readonly countsOnly?: boolean;
  /** Whether a write can change what is taken. */
  handles(operation: "CREATE" | "UPDATE", subresource: string): boolean;
  /** Whether an amount that a quota limits is one of this resource's. */
  measures(name: string): boolean;
  /** What the object takes at this time. */
  usage(object: MeasuredObject, nowMs: number): ResourceList;
  /** Whether the object lies within a scope; kinds without this method have none. */
  matchesScope?(selector: V1ScopedResourceSelectorRequirement, object: MeasuredObject): boolean;
  /** Why the object may not be made while these names are limited; undefined where it may. */
  complaint?(limited: readonly string[], object: MeasuredObject): string | undefined;
}

/** All scopes of a quota, however they are written. */
function scopesOf({ spec }: V1ResourceQuota): readonly V1ScopedResourceSelectorRequirement[] {
  const scopes = (spec?.scopes ?? []).map((scopeName) => ({ operator: "Exists", scopeName }));
  return [...scopes, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

/** Whether a quota's scopes take an object in. */
export function isInScopes(
  evaluator: QuotaEvaluator,
  quota: V1ResourceQuota,
  object: MeasuredObject,
): boolean {
  return scopesOf(quota).every((selector) => evaluator.matchesScope?.(selector, object) ?? false);
}

/** Whether a requirement about a value (a class's name; undefined for none) is met. */
export function meetsRequirement(
  { operator, values = [] }: V1ScopedResourceSelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    default:
      return value === undefined;
  }
}
