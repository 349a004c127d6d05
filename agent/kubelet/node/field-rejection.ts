import type { V1AppArmorProfile, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Rejection } from "./node-fit.ts";

const osLabel = "kubernetes.io/os";
const os = "linux";

/**
 * Why no host of this kind runs the Pod; undefined where one can (kubelet `lifecycle.predicate` and its AppArmor
 * admission). A profile of the runtime's own is none: the machine confines its containers.
 */
export function fieldRejection({ spec }: V1Pod): Rejection | undefined {
  if ((spec?.nodeSelector?.[osLabel] ?? os) !== os) {
    return {
      reason: "PodOSSelectorNodeLabelDoesNotMatch",
      message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    };
  }
  if ((spec?.os?.name ?? os) !== os) {
    return {
      reason: "PodOSNotSupported",
      message: "Failed to admit pod as the OS field doesn't match node OS",
    };
  }
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const profiles = all.map(({ securityContext }) => {
    return securityContext?.appArmorProfile ?? spec?.securityContext?.appArmorProfile;
  });
  if (!profiles.some(isOwnProfile)) return undefined;
  return { reason: "AppArmor", message: "Cannot enforce AppArmor: AppArmor is not enabled on the host" };
}

function isOwnProfile(profile: V1AppArmorProfile | undefined): boolean {
  return profile?.type === "Localhost";
}
