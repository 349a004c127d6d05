/** Defaults and validation of webhook configurations, with the texts of kubernetes `pkg/apis/admissionregistration`. */
import {
  duplicateField,
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { checkOneOf } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import {
  knownReviews,
  reviewVersionErrors,
  targetErrors,
} from "../../../apimachinery/validation/webhook-target.ts";
import type { V1MutatingWebhook, V1ValidatingWebhook } from "../../generated/types.ts";
import { validateMatchConditions, validateRule } from "./match-validation.ts";

type Webhook = V1ValidatingWebhook & Pick<V1MutatingWebhook, "reinvocationPolicy">;

/** Of both kinds; only mutating webhooks may be called again. */
export function setWebhookDefaults(webhook: Mutable<Webhook>, isMutating: boolean): void {
  webhook.failurePolicy ??= "Fail";
  webhook.matchPolicy ??= "Equivalent";
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  if (isMutating) webhook.reinvocationPolicy ??= "Never";
  const { service } = webhook.clientConfig ?? {};
  if (service !== undefined) service.port ??= 443;
  for (const rule of webhook.rules ?? []) rule.scope ??= "*";
}

export function validateWebhooks({
  webhooks = [],
}: {
  readonly webhooks?: readonly Webhook[];
}): FieldError[] {
  const errors: FieldError[] = [];
  webhooks.forEach((webhook, index) => {
    const path = `webhooks[${index}]`;
    validateWebhook(webhook, path, errors);
    validateReviewVersions(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`, errors);
    if (webhook.name && webhooks.findIndex(({ name }) => name === webhook.name) < index) {
      errors.push(duplicateField(`${path}.name`, webhook.name));
    }
  });
  return errors;
}

function validateReviewVersions(versions: readonly string[], path: string, errors: FieldError[]): void {
  const detail = `must specify one of ${knownReviews.join(", ")}`;
  errors.push(...reviewVersionErrors(versions, path, detail));
}

function validateWebhook(webhook: Webhook, path: string, errors: FieldError[]): void {
  validateFullName(webhook.name ?? "", `${path}.name`, errors);
  for (const [index, rule] of (webhook.rules ?? []).entries()) {
    errors.push(...validateRule(rule, `${path}.rules[${index}]`));
  }
  const { failurePolicy, matchPolicy, sideEffects, timeoutSeconds, reinvocationPolicy } = webhook;
  if (failurePolicy !== undefined) {
    checkOneOf(errors, `${path}.failurePolicy`, failurePolicy, ["Fail", "Ignore"]);
  }
  if (matchPolicy !== undefined)
    checkOneOf(errors, `${path}.matchPolicy`, matchPolicy, ["Equivalent", "Exact"]);
  if (sideEffects === undefined) {
    errors.push(requiredField(`${path}.sideEffects`, "must specify one of None, NoneOnDryRun"));
  } else if (sideEffects !== "None" && sideEffects !== "NoneOnDryRun") {
    errors.push(notSupportedField(`${path}.sideEffects`, sideEffects, ["None", "NoneOnDryRun"]));
  }
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > 30)) {
    const detail = "the timeout value must be between 1 and 30 seconds";
    errors.push(invalidField(`${path}.timeoutSeconds`, timeoutSeconds, detail));
  }
  validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`, errors);
  validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`, errors);
  if (reinvocationPolicy !== undefined) {
    checkOneOf(errors, `${path}.reinvocationPolicy`, reinvocationPolicy, ["IfNeeded", "Never"]);
  }
  errors.push(...targetErrors(webhook.clientConfig ?? {}, `${path}.clientConfig`));
  errors.push(...validateMatchConditions(webhook.matchConditions, `${path}.matchConditions`));
}

/** Apimachinery `IsFullyQualifiedName`. */
function validateFullName(name: string, field: string, errors: FieldError[]): void {
  if (name === "") {
    errors.push(requiredField(field));
    return;
  }
  const complaints = checkDnsSubdomain(name);
  if (complaints.length > 0) errors.push(invalidField(field, name, complaints.join(",")));
  else if (name.split(".").length < 3) {
    const detail = "should be a domain with at least three segments separated by dots";
    errors.push(invalidField(field, name, detail));
  }
}
