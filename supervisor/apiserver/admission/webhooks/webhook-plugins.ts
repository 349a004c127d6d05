import type { ResourceIndex } from "../../resource-index.ts";
import type { AdmissionPlugin } from "../admission.ts";
import { isExempt } from "../policy/admission-target.ts";
import { PolicySubject } from "../policy/policy-subject.ts";
import type { WebhookServices } from "./ask-webhook.ts";
import type { WebhookHooks } from "./webhook-hooks.ts";

export interface WebhookPluginServices extends WebhookServices {
  readonly index: ResourceIndex;
}

/** Changes objects as webhooks say; without webhooks it costs nothing. */
export function mutatingAdmissionWebhook(
  hooks: WebhookHooks,
  services: WebhookPluginServices,
): AdmissionPlugin {
  return {
    name: "MutatingAdmissionWebhook",
    seesConnect: true,
    admit(request, reinvocation) {
      const all = hooks.hooks;
      if (all.length === 0 || isExempt(request.context.store.definition)) return;
      return import("./mutate-by-webhooks.ts").then(({ mutateByWebhooks }) =>
        mutateByWebhooks(all, new PolicySubject(request, services.index), services, reinvocation),
      );
    },
  };
}

/** Refuses what webhooks refuse. */
export function validatingAdmissionWebhook(
  hooks: WebhookHooks,
  services: WebhookPluginServices,
): AdmissionPlugin {
  return {
    name: "ValidatingAdmissionWebhook",
    seesConnect: true,
    validate(request) {
      const all = hooks.hooks;
      if (all.length === 0 || isExempt(request.context.store.definition)) return;
      return import("./validate-by-webhooks.ts").then(({ validateByWebhooks }) =>
        validateByWebhooks(all, new PolicySubject(request, services.index), services),
      );
    },
  };
}
