import type {
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
} from "../../../api/generated/types.ts";
import type { AdmissionPlugin } from "../admission.ts";
import { isExempt } from "./admission-target.ts";
import type { PolicyHooks } from "./policy-hooks.ts";
import { PolicySubject } from "./policy-subject.ts";
import type { PolicyServices } from "./validate-by-policies.ts";

export type MutatingPolicyHooks = PolicyHooks<V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding>;

/** Changes objects as policies in CEL say; without policies nothing of CEL is loaded. */
export function mutatingAdmissionPolicy(
  hooks: MutatingPolicyHooks,
  services: PolicyServices,
): AdmissionPlugin {
  return {
    name: "MutatingAdmissionPolicy",
    admit(request, reinvocation) {
      const bound = hooks.hooks;
      if (bound.length === 0 || request.object === undefined || isExempt(request.context.store.definition))
        return;
      return import("./mutate-by-policies.ts").then(({ mutateByPolicies }) =>
        mutateByPolicies(bound, new PolicySubject(request, services.index), services, reinvocation),
      );
    },
  };
}
