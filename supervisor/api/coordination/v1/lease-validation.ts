/** Validation of Leases, with the texts of kubernetes `pkg/apis/coordination/validation`. */
import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { nonNegativeMessage } from "../../../apimachinery/validation/formats.ts";
import type { V1Lease, V1LeaseSpec } from "../../generated/types.ts";

export function validateLease(lease: Pick<V1Lease, "spec">): FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = lease.spec ?? {};
  if (duration !== undefined && duration <= 0) {
    errors.push(invalidField("spec.leaseDurationSeconds", duration, "must be greater than 0"));
  }
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalidField("spec.leaseTransitions", transitions, nonNegativeMessage));
  }
  return errors;
}

/** Leases that several candidates are chosen for: the feature is off in 1.36, what is stored of it stays. */
export function dropCoordinatedLeader(
  { spec }: { readonly spec?: Mutable<V1LeaseSpec> },
  old?: Pick<V1Lease, "spec">,
): void {
  if (spec === undefined) return;
  if (old?.spec?.strategy === undefined) delete spec.strategy;
  if (old?.spec?.preferredHolder === undefined) delete spec.preferredHolder;
}
