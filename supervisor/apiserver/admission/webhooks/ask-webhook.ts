/** Finds out whether a webhook is to be asked about a write, and asks it. */
import { ApiError } from "../../../apimachinery/errors.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { newBadRequest } from "../../../apimachinery/status-errors.ts";
import type { AdmissionMetrics, WebhookStep } from "../../metrics/admission-metrics.ts";
import { callWebhook, type ServiceDialer } from "../../webhooks/webhook-client.ts";
import type { AccessCheck } from "../policy/activation.ts";
import type { AdmissionTarget } from "../policy/admission-target.ts";
import { matchResources } from "../policy/match-resources.ts";
import type { PolicySubject } from "../policy/policy-subject.ts";
import { admissionReview, type ReviewAnswer, readAnswer, reviewVersion } from "./admission-review.ts";
import type { Webhook, WebhookHook } from "./webhook-hooks.ts";
import { webhookFailure, webhookRefusal } from "./webhook-refusal.ts";

export interface WebhookServices {
  /** Finds the way to Services; without it only webhooks with an URL are asked. */
  readonly dialer: ServiceDialer | undefined;
  readonly check: AccessCheck;
  readonly metrics: AdmissionMetrics;
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
  if (matched === undefined) return undefined;
  await subject.prepare(matched);
  if (!webhook.matchConditions?.length) return matched;
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

/** The time since then was the webhooks', not the server's own. */
export function noteWait({ request: { context } }: PolicySubject, begunMs: number): void {
  context.metrics.waited(context.info, performance.now() - begunMs);
}

/** Where a webhook stands among those that are asked in one step. */
export interface WebhookPlace {
  readonly type: WebhookStep;
  /** 1 where it is asked again. */
  readonly round: 0 | 1;
  readonly index: number;
}

const auditNames = {
  admit: "mutating.webhook.admission.k8s.io",
  validating: "validating.webhook.admission.k8s.io",
} as const;

/**
 * Asks a webhook; undefined where it cannot be and its failure policy is `Ignore`. Rejects with an API error otherwise,
 * and with its refusal.
 */
export async function askWebhook(
  hook: WebhookHook,
  subject: PolicySubject,
  matched: AdmissionTarget,
  services: WebhookServices,
  place: WebhookPlace,
): Promise<ReviewAnswer | undefined> {
  const { metrics } = services;
  const { name, failurePolicy } = hook.webhook;
  const question = { name, type: place.type, operation: subject.request.operation };
  const begun = performance.now();
  const end = (code: number, rejected: boolean) =>
    metrics.webhook(question, (performance.now() - begun) / 1000, code, rejected);
  let answer: ReviewAnswer;
  try {
    answer = await reviewBy(hook, subject, matched, services);
  } catch (error) {
    const isOpen = failurePolicy === "Ignore" && !(error instanceof ApiError);
    const code = error instanceof ApiError ? error.code : 500;
    end(code, !isOpen);
    if (!isOpen) {
      metrics.webhookRejection(question, "calling_webhook_error", code);
      throw error instanceof ApiError ? error : webhookFailure(name, error);
    }
    metrics.webhookFailOpen(question);
    const key = `failed-open.${auditNames[place.type]}/round_${place.round}_index_${place.index}`;
    subject.request.context.audit?.annotate(key, name);
    return undefined;
  }
  passOn(subject, name, answer);
  if (answer.allowed) {
    end(200, false);
    return answer;
  }
  const refusal = webhookRefusal(name, answer.status);
  end(refusal.code, true);
  metrics.webhookRejection(question, "no_error", refusal.code);
  throw refusal;
}

/** What the webhook answers. Rejects with an API error where it may not be asked, with another where it cannot be. */
async function reviewBy(
  { webhook }: WebhookHook,
  subject: PolicySubject,
  matched: AdmissionTarget,
  services: WebhookServices,
): Promise<ReviewAnswer> {
  const { name, clientConfig, admissionReviewVersions, sideEffects } = webhook;
  const isHarmless = sideEffects === "None" || sideEffects === "NoneOnDryRun";
  if (subject.request.dryRun && !isHarmless) {
    throw newBadRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
  const version = reviewVersion(admissionReviewVersions);
  if (version === undefined) {
    throw new Error("webhook does not accept known AdmissionReview versions (v1, v1beta1)");
  }
  const identity = { uid: services.uid(), version };
  const review = admissionReview(subject, matched, identity);
  const { timeoutSeconds = defaultTimeoutSeconds } = webhook;
  const { dialer } = services;
  const answer = await callWebhook({ target: clientConfig, review, dialer, timeoutSeconds });
  return readAnswer(answer, identity);
}

/** What client and audit log are told of an answer, whatever it says. */
function passOn({ request: { context } }: PolicySubject, name: string, answer: ReviewAnswer): void {
  context.warnings.push(...answer.warnings);
  for (const [key, value] of Object.entries(answer.auditAnnotations)) {
    context.audit?.annotate(`${name}/${key}`, value);
  }
}
