import { isWholeQuantity, nanosPerUnit, parseQuantity } from "../../../../apimachinery/quantity.ts";
import { formatQuantity } from "../../../../apimachinery/quantity-format.ts";
import { compareQuantities } from "../../../../apimachinery/resource-list.ts";
import type { V1PersistentVolumeClaim } from "../../../generated/types.ts";
import { meetsRequirement, type QuotaEvaluator } from "./quota-evaluator.ts";

const counted = ["persistentvolumeclaims", "requests.storage"];
const ofClass = ".storageclass.storage.k8s.io/";

/** PersistentVolumeClaims, also by storage class (kubernetes `persistent_volume_claims.go`). */
export const claimEvaluator: QuotaEvaluator = {
  handles: (_operation, subresource) => subresource === "" || subresource === "status",
  measures(name) {
    if (name === "count/persistentvolumeclaims" || counted.includes(name)) return true;
    return counted.some((one) => name.endsWith(ofClass + one));
  },
  usage(claim: V1PersistentVolumeClaim) {
    const usage: Record<string, string> = {
      "count/persistentvolumeclaims": "1",
      persistentvolumeclaims: "1",
    };
    const className = classOf(claim);
    const storage = storageOf(claim);
    if (storage !== undefined) usage["requests.storage"] = storage;
    if (className === "") return usage;
    usage[`${className}${ofClass}persistentvolumeclaims`] = "1";
    if (storage !== undefined) usage[`${className}${ofClass}requests.storage`] = storage;
    return usage;
  },
  matchesScope(selector, claim: V1PersistentVolumeClaim) {
    if (selector.scopeName !== "VolumeAttributesClass") return false;
    const names = attributesClasses(claim);
    if (names.length === 0) return meetsRequirement(selector, undefined);
    return names.some((name) => meetsRequirement(selector, name));
  },
};

function classOf({ metadata, spec }: V1PersistentVolumeClaim): string {
  const annotation = metadata?.annotations?.["volume.beta.kubernetes.io/storage-class"];
  return annotation ?? spec?.storageClassName ?? "";
}

/** The greater of what is wanted and what is being made of it, in whole bytes. */
function storageOf({ spec, status }: V1PersistentVolumeClaim): string | undefined {
  const wanted = spec?.resources?.requests?.storage;
  const allocated = status?.allocatedResources?.storage;
  if (wanted === undefined) return undefined;
  const text = allocated !== undefined && compareQuantities(allocated, wanted) > 0 ? allocated : wanted;
  if (isWholeQuantity(text)) return text;
  return formatQuantity((parseQuantity(text) / nanosPerUnit + 1n) * nanosPerUnit, text);
}

function attributesClasses({ spec, status }: V1PersistentVolumeClaim): readonly string[] {
  return [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].flatMap((name) => (name ? [name] : []));
}
