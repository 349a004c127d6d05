import type { V1Pod, V1ServiceAccountTokenProjection } from "../../../supervisor/api/generated/types.ts";
import type { ConfigSource } from "../containers/environment.ts";
import type { ClaimSource } from "./served-volume.ts";

/** Where the contents of volumes come from. */
export interface VolumeSource extends ConfigSource, ClaimSource {
  /** A token of the Pod's ServiceAccount, bound to the Pod. Throws in the kubelet's words. */
  token(pod: V1Pod, wanted: V1ServiceAccountTokenProjection): Promise<string>;
}
