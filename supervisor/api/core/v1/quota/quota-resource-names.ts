/** The names of resources in quotas and limits (kubernetes `pkg/apis/core/helper`, `pkg/apis/core/validation`). */
import { type FieldError, invalidField } from "../../../../apimachinery/field-error.ts";
import { isWholeQuantity, parseQuantity } from "../../../../apimachinery/quantity.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkQualifiedName, nonNegativeMessage } from "../../../../apimachinery/validation/formats.ts";

const countedKinds = [
  "pods",
  "services",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
];
const amounts = [
  "cpu",
  "memory",
  "ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.storage",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
];
const quotaNames: ReadonlySet<string> = new Set([...countedKinds, ...amounts]);
const integerNames: ReadonlySet<string> = new Set(countedKinds);
const hugePages = /^(?:requests\.)?hugepages-/;

/** Whether a quota may limit the resource by its plain name. */
export function isQuotaResource(name: string): boolean {
  return quotaNames.has(name) || hugePages.test(name);
}

/** A resource's name in a quota: one that is known, or with a prefix. */
export function checkQuotaResourceName(errors: FieldError[], field: string, name: string): void {
  const complaints = checkFormat(errors, field, name, checkQualifiedName);
  if (complaints.length > 0 || name.includes("/") || isQuotaResource(name)) return;
  errors.push(invalidField(field, name, "must be a standard resource for quota"));
}

/** An amount that is none below nothing, and whole where things are counted. */
export function checkResourceAmount(errors: FieldError[], field: string, name: string, amount: string): void {
  if (parseQuantity(amount) < 0n) errors.push(invalidField(field, amount, nonNegativeMessage));
  const isCounted = integerNames.has(name) || (name.includes("/") && !name.includes("kubernetes.io/"));
  if (isCounted && !isWholeQuantity(amount)) errors.push(invalidField(field, amount, "must be an integer"));
}
