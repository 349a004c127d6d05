import type {
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from "../../../api/generated/types.ts";

/** What binds a policy to what it is for. */
export type AnyBinding = V1ValidatingAdmissionPolicyBinding | V1MutatingAdmissionPolicyBinding;

export type AnyPolicy = V1ValidatingAdmissionPolicy | V1MutatingAdmissionPolicy;

/** A policy and the bindings that make it count. */
export interface PolicyHook<Policy extends AnyPolicy, Binding extends AnyBinding> {
  readonly name: string;
  readonly policy: Policy;
  readonly bindings: readonly Binding[];
}
