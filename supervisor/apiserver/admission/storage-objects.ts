/** What guards volumes and claims (kubernetes `storageobjectinuseprotection`, `persistentvolume/resize`). */
import type { V1PersistentVolumeClaim } from "../../api/generated/types.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { compareQuantities } from "../../apimachinery/resource-list.ts";
import type { ObjectCache } from "../storage/object-cache.ts";
import type { AdmissionPlugin } from "./admission.ts";
import type { ClassFacts } from "./default-classes.ts";
import { refusal } from "./refusal.ts";
import { writtenObject } from "./written-object.ts";

const protections = [
  { group: "", resource: "persistentvolumes", finalizer: "kubernetes.io/pv-protection" },
  { group: "", resource: "persistentvolumeclaims", finalizer: "kubernetes.io/pvc-protection" },
  { group: "storage.k8s.io", resource: "volumeattributesclasses", finalizer: "kubernetes.io/vac-protection" },
];

/** What is used is not deleted: a controller takes the finalizer off when nobody uses the object any more. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  admit(request) {
    if (request.operation !== "CREATE") return;
    for (const { group, resource, finalizer } of protections) {
      const metadata = writtenObject<ApiObject>(request, group, resource)?.metadata;
      if (metadata === undefined || metadata.finalizers?.includes(finalizer)) continue;
      metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
    }
  },
};

/** A claim grows only where its class allows that. */
export function persistentVolumeClaimResize(classes: ObjectCache<ClassFacts>): AdmissionPlugin {
  return {
    name: "PersistentVolumeClaimResize",
    validate(request) {
      if (request.operation !== "UPDATE") return;
      const claim = writtenObject<V1PersistentVolumeClaim>(request, "", "persistentvolumeclaims");
      if (claim === undefined) return;
      // The state before was decoded as what the new one is.
      const old = request.old as unknown as V1PersistentVolumeClaim;
      if (compareQuantities(storageOf(claim), storageOf(old)) <= 0) return;
      if (old.status?.phase !== "Bound") {
        throw refusal(request, "Only bound persistent volume claims can be expanded");
      }
      const className = classOf(claim);
      if (className !== "" && className === classOf(old) && classes.get(className)?.allowsExpansion) return;
      throw refusal(
        request,
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
      );
    },
  };
}

function storageOf({ spec }: V1PersistentVolumeClaim): string {
  return spec?.resources?.requests?.storage ?? "0";
}

function classOf({ metadata, spec }: V1PersistentVolumeClaim): string {
  const annotation = metadata?.annotations?.["volume.beta.kubernetes.io/storage-class"];
  return annotation ?? spec?.storageClassName ?? "";
}
