import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { ProcessNamespace } from "../../runtime/runtime.ts";

/**
 * Whose processes a container of the Pod sees (kubelet `PidNamespaceForPod`): the node is the Pod's machine. `target` is
 * the container that an ephemeral one is to look into.
 */
export function processNamespace(pod: V1Pod, target?: string): ProcessNamespace {
  if (pod.spec?.hostPID) return "machine";
  if (pod.spec?.shareProcessNamespace) return "pod";
  return target === undefined ? "container" : { target };
}
