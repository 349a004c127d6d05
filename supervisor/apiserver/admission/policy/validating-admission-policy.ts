import type {
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from "../../../api/generated/types.ts";
import type { AdmissionPlugin } from "../admission.ts";
import { isExempt } from "./admission-target.ts";
import type { PolicyHooks } from "./policy-hooks.ts";
import { PolicySubject } from "./policy-subject.ts";
import type { PolicyServices } from "./validate-by-policies.ts";

export type ValidatingPolicyHooks = PolicyHooks<
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding
>;

/** Refuses what a policy in CEL denies; without policies nothing of CEL is loaded. */
export function validatingAdmissionPolicy(
  hooks: ValidatingPolicyHooks,
  services: PolicyServices,
): AdmissionPlugin {
  return {
    name: "ValidatingAdmissionPolicy",
    seesConnect: true,
    validate(request) {
      const bound = hooks.hooks;
      if (bound.length === 0 || isExempt(request.context.store.definition)) return;
      return import("./validate-by-policies.ts").then(({ validateByPolicies }) =>
        validateByPolicies(bound, new PolicySubject(request, services.index), services),
      );
    },
  };
}
