import type { AuthenticationV1TokenRequest } from "../../../api/generated/types.ts";
import type { NodeGraph } from "../../authorization/node/node-graph.ts";
import type { AdmissionRequest } from "../admission.ts";

/** A node gets tokens of ServiceAccounts only for its own Pods, bound to them. */
export function tokenRestriction(
  node: string,
  { context, object }: AdmissionRequest,
  graph: NodeGraph,
): string | { readonly missingPod: string } | undefined {
  // Decoding made this a TokenRequest.
  const { boundObjectRef: bound } = (object as unknown as AuthenticationV1TokenRequest).spec ?? {};
  if (bound?.apiVersion !== "v1" || bound.kind !== "Pod" || !bound.name) {
    return "node requested token not bound to a pod";
  }
  if (!bound.uid) return "node requested token with a pod binding without a uid";
  const pod = graph.pod(context.info.namespace, bound.name);
  if (pod === undefined) return { missingPod: bound.name };
  if (pod.uid !== bound.uid) {
    return `the UID in the bound object reference (${bound.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  }
  return pod.node === node ? undefined : "node requested token bound to a pod scheduled on a different node";
}
