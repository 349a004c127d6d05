import type {
  V1CertificateSigningRequest,
  V1PersistentVolumeClaim,
  V1ResourceSlice,
} from "../../../api/generated/types.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import type { AdmissionRequest } from "../admission.ts";

/** A claim without what a node may tell of it. */
function withoutOwn(object: ApiObject): object {
  // Decoding made this a PersistentVolumeClaim.
  const { metadata, status, ...rest } = object as unknown as V1PersistentVolumeClaim;
  const {
    capacity: _capacity,
    conditions: _conditions,
    allocatedResources: _resources,
    allocatedResourceStatuses: _statuses,
    ...others
  } = status ?? {};
  return { ...rest, status: others, metadata: { ...metadata, resourceVersion: "", managedFields: [] } };
}

export function claimRestriction(
  node: string,
  { operation, object, old }: AdmissionRequest,
): string | undefined {
  if (operation !== "UPDATE" || object === undefined || old === undefined) {
    return `unexpected operation ${JSON.stringify(operation)}`;
  }
  if (equalJson(withoutOwn(object), withoutOwn(old))) return undefined;
  return `node ${JSON.stringify(node)} is not allowed to update fields other than status.capacity and status.conditions`;
}

export function sliceRestriction(
  node: string,
  { operation, object, old }: AdmissionRequest,
): string | undefined {
  // Decoding made these ResourceSlices.
  const slice = (operation === "DELETE" ? old : object) as unknown as V1ResourceSlice | undefined;
  if (slice?.spec?.nodeName === node) return undefined;
  if (operation === "DELETE")
    return "can only delete ResourceSlice with the same NodeName as the requesting node";
  return "can only create ResourceSlice with the same NodeName as the requesting node";
}

const nodeSigners = ["kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving"];

/** A host renews its own client certificate, or asks for that of its own server; the signer looks at the subject. */
export function requestRestriction(_node: string, { object }: AdmissionRequest): string | undefined {
  if (object === undefined) return undefined;
  // Decoding made this a CertificateSigningRequest.
  const { signerName } = (object as unknown as V1CertificateSigningRequest).spec ?? {};
  if (signerName !== undefined && nodeSigners.includes(signerName)) return undefined;
  return `a node may not request a certificate of signer ${JSON.stringify(signerName)}`;
}
