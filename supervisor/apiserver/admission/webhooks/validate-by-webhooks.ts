/** Asks webhooks whether a write is to be (apiserver `webhook/validating/dispatcher.go`). */
import type { PolicySubject } from "../policy/policy-subject.ts";
import { askWebhook, matchWebhook, noteWait, type WebhookServices } from "./ask-webhook.ts";
import type { WebhookHook } from "./webhook-hooks.ts";

/** Asks all at once. Rejects with the refusal of the first that has one. */
export async function validateByWebhooks(
  hooks: readonly WebhookHook[],
  subject: PolicySubject,
  services: WebhookServices,
): Promise<void> {
  const begun = performance.now();
  const outcomes = await Promise.allSettled(
    hooks.map((hook, index) => validateBy(hook, index, subject, services)),
  );
  noteWait(subject, begun);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

async function validateBy(
  hook: WebhookHook,
  index: number,
  subject: PolicySubject,
  services: WebhookServices,
): Promise<void> {
  const matched = await matchWebhook(hook, subject, services);
  if (matched === undefined) return;
  await askWebhook(hook, subject, matched, services, { type: "validating", round: 0, index });
}
