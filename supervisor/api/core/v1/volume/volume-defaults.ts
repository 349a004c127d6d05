import type { Mutable } from "../../../../apimachinery/mutable.ts";
import type {
  V1ISCSIPersistentVolumeSource,
  V1ISCSIVolumeSource,
  V1PersistentVolumeSpec,
  V1RBDPersistentVolumeSource,
  V1RBDVolumeSource,
  V1ScaleIOPersistentVolumeSource,
  V1ScaleIOVolumeSource,
  V1Volume,
} from "../../../generated/types.ts";
import { defaultPullPolicy } from "../pod/default-pull-policy.ts";

/** Read and write for the owner, read for the rest: 0644, which JSON can only write in decimal. */
const defaultFileMode = 0o644;
const defaultTokenSeconds = 3600;

/** The defaults of a Pod's volume (kubernetes `pkg/apis/core/v1/defaults.go`). A volume without a source is empty. */
export function setVolumeDefaults(volume: Mutable<V1Volume>): void {
  if (Object.keys(volume).every((field) => field === "name")) volume.emptyDir = {};
  if (volume.secret) volume.secret.defaultMode ??= defaultFileMode;
  if (volume.configMap) volume.configMap.defaultMode ??= defaultFileMode;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= defaultFileMode;
    for (const item of volume.downwardAPI.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= "v1";
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= defaultFileMode;
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= defaultTokenSeconds;
      for (const item of source.downwardAPI?.items ?? [])
        if (item.fieldRef) item.fieldRef.apiVersion ||= "v1";
    }
  }
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference ?? "");
  if (volume.ephemeral?.volumeClaimTemplate)
    volume.ephemeral.volumeClaimTemplate.spec.volumeMode ??= "Filesystem";
  setSourceDefaults(volume);
}

type CommonSources = Pick<V1Volume & V1PersistentVolumeSpec, "azureDisk" | "hostPath"> & {
  readonly iscsi?: V1ISCSIVolumeSource | V1ISCSIPersistentVolumeSource;
  readonly rbd?: V1RBDVolumeSource | V1RBDPersistentVolumeSource;
  readonly scaleIO?: V1ScaleIOVolumeSource | V1ScaleIOPersistentVolumeSource;
};

/** The defaults of the sources that PersistentVolumes have too. */
export function setSourceDefaults(volume: Mutable<CommonSources>): void {
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= "ReadWrite";
    volume.azureDisk.kind ??= "Shared";
    volume.azureDisk.fsType ??= "ext4";
    volume.azureDisk.readOnly ??= false;
  }
  if (volume.hostPath) volume.hostPath.type ??= "";
  if (volume.iscsi) volume.iscsi.iscsiInterface ||= "default";
  if (volume.rbd) {
    volume.rbd.pool ||= "rbd";
    volume.rbd.user ||= "admin";
    volume.rbd.keyring ||= "/etc/ceph/keyring";
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ||= "ThinProvisioned";
    volume.scaleIO.fsType ||= "xfs";
  }
}
