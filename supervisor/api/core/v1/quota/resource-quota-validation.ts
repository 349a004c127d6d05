/** Validation of ResourceQuotas, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  immutableField,
  invalidField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import type {
  V1ResourceQuota,
  V1ResourceQuotaSpec,
  V1ScopedResourceSelectorRequirement,
} from "../../../generated/types.ts";
import { checkQuotaResourceName, checkResourceAmount, isQuotaResource } from "./quota-resource-names.ts";

type Quota = Pick<V1ResourceQuota, "spec" | "status">;
type Amounts = Readonly<Record<string, string>> | undefined;

const podScopes = ["Terminating", "NotTerminating", "NotBestEffort", "PriorityClass"];
const claimScopes = ["VolumeAttributesClass"];
const scopes: ReadonlySet<string> = new Set([
  ...podScopes,
  "BestEffort",
  "CrossNamespacePodAffinity",
  ...claimScopes,
]);
const conflicts = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;
const computeResources: ReadonlySet<string> = new Set([
  "pods",
  "cpu",
  "memory",
  "ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
]);
const existing: ReadonlySet<string> = new Set([
  "BestEffort",
  "NotBestEffort",
  "Terminating",
  "NotTerminating",
  "CrossNamespacePodAffinity",
]);

function isScopeFor(scope: string, resource: string): boolean {
  if (podScopes.includes(scope) || scope === "CrossNamespacePodAffinity")
    return computeResources.has(resource);
  if (scope === "BestEffort") return resource === "pods";
  if (claimScopes.includes(scope)) {
    return resource === "persistentvolumeclaims" || resource === "requests.storage";
  }
  return true;
}

export function validateResourceQuota({ spec = {} }: Quota): FieldError[] {
  const errors: FieldError[] = [];
  validateAmounts(spec.hard, "spec.hard", errors);
  const given = spec.scopes ?? [];
  for (const scope of given) validateScope(scope, spec, "spec.scopes", given, errors);
  validateConflicts(given, given, errors);
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  const path = "spec.scopeSelector.matchExpressions";
  for (const expression of expressions) {
    validateScope(expression.scopeName, spec, path, spec.scopeSelector, errors, `${path}.scopeName`);
    validateExpression(expression, path, errors);
  }
  const named = expressions.map(({ scopeName }) => scopeName);
  validateConflicts(named, given, errors);
  return errors;
}

function validateAmounts(amounts: Amounts = {}, path: string, errors: FieldError[]): void {
  for (const [name, amount] of Object.entries(amounts)) {
    const field = `${path}[${name}]`;
    checkQuotaResourceName(errors, field, name);
    checkResourceAmount(errors, field, name, amount);
  }
}

function validateScope(
  scope: string,
  { hard = {} }: V1ResourceQuotaSpec,
  path: string,
  shown: unknown,
  errors: FieldError[],
  scopePath = path,
): void {
  if (!scopes.has(scope)) {
    errors.push(invalidField(scopePath, scopePath === path ? shown : scope, "unsupported scope"));
  }
  for (const name of Object.keys(hard).sort()) {
    if (!isQuotaResource(name) || isScopeFor(scope, name)) continue;
    errors.push(invalidField(path, shown, "unsupported scope applied to resource"));
  }
}

function validateConflicts(names: readonly string[], shown: readonly string[], errors: FieldError[]): void {
  for (const pair of conflicts) {
    if (pair.every((scope) => names.includes(scope))) {
      errors.push(invalidField("spec.scopes", shown, "conflicting scopes"));
    }
  }
}

function validateExpression(
  { scopeName, operator, values = [] }: V1ScopedResourceSelectorRequirement,
  path: string,
  errors: FieldError[],
): void {
  const place = `${path}.operator`;
  if (existing.has(scopeName) && operator !== "Exists") {
    const detail =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(invalidField(place, operator, detail));
  }
  if (operator === "In" || operator === "NotIn") {
    if (values.length > 0) return;
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    errors.push(requiredField(`${path}.values`, detail));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length === 0) return;
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    errors.push(invalidField(`${path}.values`, values, detail));
  } else errors.push(invalidField(place, operator, "not a valid selector operator"));
}

export function validateResourceQuotaUpdate(quota: Quota, old: Quota): FieldError[] {
  const errors = validateResourceQuota(quota);
  const sorted = ({ spec }: Quota) =>
    Array.from(new Set(spec?.scopes ?? []))
      .sort()
      .join();
  if (sorted(quota) !== sorted(old)) errors.push(immutableField("spec.scopes", quota.spec?.scopes));
  return errors;
}

export function validateResourceQuotaStatus({ status = {} }: Quota): FieldError[] {
  const errors: FieldError[] = [];
  validateAmounts(status.hard, "status.hard", errors);
  validateAmounts(status.used, "status.used", errors);
  return errors;
}

/** A request above its limit can never be used up. */
export function resourceQuotaWarnings({ spec = {} }: Quota): readonly string[] {
  const { hard = {} } = spec;
  return ["cpu", "memory", "storage", "ephemeral-storage"].flatMap((name) => {
    const isBare = hard[`requests.${name}`] === undefined && (name === "cpu" || name === "memory");
    const requestName = isBare ? name : `requests.${name}`;
    const [request, limit] = [hard[requestName], hard[`limits.${name}`]];
    if (request === undefined || limit === undefined) return [];
    if (parseQuantity(request) <= parseQuantity(limit)) return [];
    return [`ResourceQuota ${requestName} (${request}) should be less than limits.${name} (${limit})`];
  });
}
