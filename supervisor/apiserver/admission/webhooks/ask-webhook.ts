/** Finds out whether a webhook is to be asked about a write, and asks it. */
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { newBadRequest } from "../../../apimachinery/status-errors.ts";
import { callWebhook, type ServiceDialer } from "../../webhooks/webhook-client.ts";
import type { AccessCheck } from "../policy/activation.ts";
import type { AdmissionTarget } from "../policy/admission-target.ts";
import { matchResources } from "../policy/match-resources.ts";
import type { PolicySubject } from "../policy/policy-subject.ts";
import { admissionReview, type ReviewAnswer, readAnswer, reviewVersion } from "./admission-review.ts";
import type { Webhook, WebhookHook } from "./webhook-hooks.ts";
import { webhookFailure } from "./webhook-refusal.ts";

export interface WebhookServices {
  /** Finds the way to Services; without it only webhooks with an URL are asked. */
  readonly dialer: ServiceDialer | undefined;
  readonly check: AccessCheck;
  uid(): string;
}

const defaultTimeoutSeconds = 10;

/** The write as the webhook's rules name it; undefined where it is not to be asked. Rejects with API errors. */
export async function matchWebhook(
  { webhook }: WebhookHook,
  subject: PolicySubject,
  services: WebhookServices,
): Promise<AdmissionTarget | undefined> {
  const { matchPolicy, namespaceSelector, objectSelector, rules = [] } = webhook;
  // No rule names no write.
  if (rules.length === 0) return undefined;
  const criteria = {
    resourceRules: rules,
    ...(matchPolicy === undefined ? {} : { matchPolicy }),
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(objectSelector === undefined ? {} : { objectSelector }),
  };
  const matched = await matchResources(criteria, subject);
  if (matched === undefined || !webhook.matchConditions?.length) return matched;
  return (await meetsConditions(webhook, subject, matched, services)) ? matched : undefined;
}

async function meetsConditions(
  webhook: Webhook,
  subject: PolicySubject,
  matched: AdmissionTarget,
  { check }: WebhookServices,
): Promise<boolean> {
  const { webhookConditions } = await import("./webhook-conditions.ts");
  const namespace: ApiObject | undefined = await subject.namespace();
  const verdict = webhookConditions(webhook, { subject, matched, namespace, check });
  if (!("error" in verdict)) return verdict.matches;
  throw webhookFailure(webhook.name, new Error(verdict.error));
}

/** Asks a webhook; undefined where it cannot be and its failure policy is `Ignore`. Rejects with an API error otherwise. */
export async function askWebhook(
  { webhook }: WebhookHook,
  subject: PolicySubject,
  matched: AdmissionTarget,
  services: WebhookServices,
): Promise<ReviewAnswer | undefined> {
  const { name, clientConfig, admissionReviewVersions, sideEffects, failurePolicy } = webhook;
  const isHarmless = sideEffects === "None" || sideEffects === "NoneOnDryRun";
  if (subject.request.dryRun && !isHarmless) {
    throw newBadRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
  try {
    const version = reviewVersion(admissionReviewVersions);
    if (version === undefined)
      throw new Error("webhook does not accept known AdmissionReview versions (v1, v1beta1)");
    const identity = { uid: services.uid(), version };
    const review = admissionReview(subject, matched, identity);
    const { timeoutSeconds = defaultTimeoutSeconds } = webhook;
    const answer = await callWebhook({
      target: clientConfig,
      review,
      dialer: services.dialer,
      timeoutSeconds,
    });
    return readAnswer(answer, identity);
  } catch (error) {
    if (failurePolicy === "Ignore") return undefined;
    throw webhookFailure(name, error);
  }
}

/** What the client is told of an answer, whatever it says. */
export function passOnWarnings(subject: PolicySubject, answer: ReviewAnswer): void {
  subject.request.context.warnings.push(...answer.warnings);
}
