import { Activation, type ActivationOptions } from "../policy/activation.ts";
import { compileMatchConditions, type NamedExpression } from "../policy/compiled-policy.ts";
import { evaluateMatchConditions, type MatchVerdict } from "../policy/match-conditions.ts";
import type { Webhook } from "./webhook-hooks.ts";

const compiled = new WeakMap<Webhook, readonly NamedExpression[]>();

/** Whether a webhook's match conditions hold for a write. */
export function webhookConditions(
  webhook: Webhook,
  options: Omit<ActivationOptions, "params" | "variables" | "object">,
): MatchVerdict {
  const conditions = compiled.get(webhook) ?? compileMatchConditions(webhook.matchConditions, {});
  compiled.set(webhook, conditions);
  const activation = new Activation({ ...options, params: undefined, variables: new Map() });
  return evaluateMatchConditions(conditions, activation, webhook.failurePolicy);
}
