/** Validation of Leases, with the texts of kubernetes `pkg/apis/coordination/validation`. */
import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";
import { nonNegativeMessage } from "../../../apimachinery/validation/formats.ts";
import type { V1Lease } from "../../generated/types.ts";

export function validateLease(lease: Pick<V1Lease, "spec">): FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds: duration, leaseTransitions: transitions, holderIdentity } = lease.spec ?? {};
  if (duration !== undefined && duration <= 0) {
    errors.push(invalidField("spec.leaseDurationSeconds", duration, "must be greater than 0"));
  }
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalidField("spec.leaseTransitions", transitions, nonNegativeMessage));
  }
  if (holderIdentity === "") {
    errors.push(invalidField("spec.holderIdentity", "", "must not be empty"));
  }
  return errors;
}
