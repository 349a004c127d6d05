/** Makes the changes that webhooks ask for (apiserver `webhook/mutating/dispatcher.go`). */

import {
  cloneJson,
  equalJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../../apimachinery/json/json-value.ts";
import { applyJsonPatch } from "../../../apimachinery/patch/json-patch.ts";
import { newInternalError } from "../../../apimachinery/status-errors.ts";
import { messageOf } from "../../../base/errors.ts";
import type { AdmissionTarget } from "../policy/admission-target.ts";
import type { PolicySubject } from "../policy/policy-subject.ts";
import type { Reinvocation } from "../reinvocation.ts";
import { askWebhook, matchWebhook, noteWait, type WebhookServices } from "./ask-webhook.ts";
import type { WebhookHook } from "./webhook-hooks.ts";

/** What the second round knows of the first (apiserver `webhook/mutating/reinvocationcontext.go`). */
class Memory {
  lastOutput: JsonObject | undefined;
  readonly asked = new Set<string>();
  readonly due = new Set<string>();
}

/** Asks one after the other, each with what those before it have made. Rejects with a refusal. */
export async function mutateByWebhooks(
  hooks: readonly WebhookHook[],
  subject: PolicySubject,
  services: WebhookServices,
  reinvocation: Reinvocation,
): Promise<void> {
  const memory = reinvocation.memory("MutatingAdmissionWebhook", () => new Memory());
  if (reinvocation.isSecond && !equalJson(memory.lastOutput, snapshot(subject))) requireAsked(memory);
  const round = reinvocation.isSecond ? 1 : 0;
  for (const [index, hook] of hooks.entries()) {
    const { webhook, key, configuration } = hook;
    const matched = await matchWebhook(hook, subject, services);
    if (matched === undefined || (reinvocation.isSecond && !memory.due.has(key))) continue;
    const begun = performance.now();
    const asking = askWebhook(hook, subject, matched, services, { type: "admit", round, index });
    const answer = await asking.finally(() => noteWait(subject, begun));
    const mutated = answer?.patch !== undefined && (await patched(subject, matched, hook, answer.patch));
    if (mutated) {
      requireAsked(memory);
      reinvocation.want();
    }
    const mutation = JSON.stringify({ configuration, webhook: webhook.name, mutated });
    const { audit } = subject.request.context;
    audit?.annotate(`mutation.webhook.admission.k8s.io/round_${round}_index_${index}`, mutation);
    if (webhook.reinvocationPolicy === "IfNeeded") memory.asked.add(key);
  }
  memory.lastOutput = snapshot(subject);
}

function requireAsked(memory: Memory): void {
  for (const key of memory.asked) memory.due.add(key);
  memory.asked.clear();
}

function snapshot({ object }: PolicySubject): JsonObject {
  // Objects are JSON.
  return cloneJson((object ?? {}) as unknown as JsonObject);
}

/** Whether a webhook's patch has changed the object. Rejects with an internal error for one that cannot be applied. */
async function patched(
  subject: PolicySubject,
  matched: AdmissionTarget,
  { webhook }: WebhookHook,
  text: string,
): Promise<boolean> {
  const object = subject.inVersionOf(matched, subject.object);
  if (object === undefined) return false;
  // Objects are JSON; patches get their own copy.
  const before = object as unknown as JsonObject;
  let result: JsonValue;
  try {
    result = applyJsonPatch(cloneJson(before), JSON.parse(text));
    if (!isJsonObject(result)) throw new Error("the patch does not leave an object");
  } catch (error) {
    const why = messageOf(error);
    throw newInternalError(
      new Error(`failed to apply the patch of admission webhook ${JSON.stringify(webhook.name)}: ${why}`, {
        cause: error,
      }),
    );
  }
  if (equalJson(before, result)) return false;
  // What a webhook makes is read as a client's object is, unknown fields left out.
  await subject.replace(matched, subject.read(matched, result, "Ignore"));
  return true;
}
