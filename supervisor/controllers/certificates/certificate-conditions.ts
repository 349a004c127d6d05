import type {
  V1CertificateSigningRequest,
  V1CertificateSigningRequestCondition,
} from "../../api/generated/types.ts";
import { timestamp } from "../../base/timestamp.ts";

export type CertificateConditionType = "Approved" | "Denied" | "Failed";

export function hasCondition(csr: V1CertificateSigningRequest, type: CertificateConditionType): boolean {
  return csr.status?.conditions?.some((condition) => condition.type === type) ?? false;
}

/** Whether nobody has decided about a request yet. */
export function isPending(csr: V1CertificateSigningRequest): boolean {
  return !hasCondition(csr, "Approved") && !hasCondition(csr, "Denied") && !hasCondition(csr, "Failed");
}

/** The request with one more condition. */
export function withCondition(
  csr: V1CertificateSigningRequest,
  type: CertificateConditionType,
  reason: string,
  message: string,
  nowMs: number,
): V1CertificateSigningRequest {
  const time = timestamp(nowMs);
  const condition: V1CertificateSigningRequestCondition = {
    type,
    status: "True",
    reason,
    message,
    lastUpdateTime: time,
    lastTransitionTime: time,
  };
  return { ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] } };
}
