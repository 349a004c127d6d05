import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { ProcessNamespace } from "../../runtime/runtime.ts";

/** Whose processes a container of the Pod sees (kubelet `PidNamespaceForPod`): the node is the Pod's machine. */
export function processNamespace(pod: V1Pod): ProcessNamespace {
  if (pod.spec?.hostPID) return "machine";
  return pod.spec?.shareProcessNamespace ? "pod" : "container";
}
