/** Kubernetes `pkg/apis/admissionregistration/v1/defaults.go`. */
import type { Mutable } from "../../../apimachinery/mutable.ts";
import type {
  V1MatchResources,
  V1MutatingAdmissionPolicy,
  V1ParamRef,
  V1ValidatingAdmissionPolicy,
} from "../../generated/types.ts";

function setMatchResourcesDefaults(match: Mutable<V1MatchResources> | undefined): void {
  if (match === undefined) return;
  match.matchPolicy ??= "Equivalent";
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])])
    rule.scope ??= "*";
}

type Policy = Mutable<Pick<V1ValidatingAdmissionPolicy | V1MutatingAdmissionPolicy, "spec">>;

/** Of both kinds of policies. */
export function setAdmissionPolicyDefaults({ spec }: Policy): void {
  if (spec === undefined) return;
  spec.failurePolicy ??= "Fail";
  setMatchResourcesDefaults(spec.matchConstraints);
}

interface BindingSpec {
  matchResources?: Mutable<V1MatchResources> | undefined;
  paramRef?: Mutable<V1ParamRef> | undefined;
}

/** Of both kinds of bindings. */
export function setAdmissionPolicyBindingDefaults({ spec }: { spec?: BindingSpec | undefined }): void {
  setMatchResourcesDefaults(spec?.matchResources);
  if (spec?.paramRef !== undefined) spec.paramRef.parameterNotFoundAction ??= "Deny";
}
