import type { Mutable } from "../../../apimachinery/mutable.ts";
import { setPodTemplateDefaults } from "../../core/v1/pod/pod-defaults.ts";
import type { V1PersistentVolumeClaim, V1StatefulSet } from "../../generated/types.ts";

/** Kubernetes `SetDefaults_StatefulSet`. */
export function setStatefulSetDefaults(statefulSet: Pick<Mutable<V1StatefulSet>, "spec">): void {
  statefulSet.spec ??= { template: {} };
  const { spec } = statefulSet;
  spec.podManagementPolicy ||= "OrderedReady";
  spec.updateStrategy ??= {};
  const { updateStrategy } = spec;
  if (!updateStrategy.type) {
    updateStrategy.type = "RollingUpdate";
    updateStrategy.rollingUpdate ??= {};
  }
  if (updateStrategy.type === "RollingUpdate" && updateStrategy.rollingUpdate) {
    updateStrategy.rollingUpdate.partition ??= 0;
    updateStrategy.rollingUpdate.maxUnavailable ??= 1;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= "Retain";
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= "Retain";
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  setPodTemplateDefaults(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) setClaimDefaults(claim);
}

/** What a claim is where its template leaves it open. */
function setClaimDefaults(claim: Mutable<V1PersistentVolumeClaim>): void {
  claim.kind ||= "PersistentVolumeClaim";
  claim.apiVersion ||= "v1";
  claim.spec ??= {};
  claim.spec.volumeMode ??= "Filesystem";
  claim.status ??= {};
  claim.status.phase ||= "Pending";
}
