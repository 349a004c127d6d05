import type { AdmissionPlugin } from "../admission.ts";
import { isExempt } from "./admission-target.ts";

/**
 * Refuses policies and webhooks whose expressions are wrong. It belongs to their validation; as a plug-in it loads what
 * is of CEL only where there is an expression.
 */
export const policyExpressions: AdmissionPlugin = {
  name: "PolicyExpressions",
  validate({ operation, context, object, old }) {
    const { definition } = context.store;
    if (operation === "DELETE" || object === undefined || context.subresource !== undefined) return;
    if (!isExempt(definition)) return;
    return import("./check-expressions.ts").then(({ checkExpressions }) =>
      checkExpressions(definition, object, old),
    );
  },
};
