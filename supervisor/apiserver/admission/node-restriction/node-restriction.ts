/** What a node may write about itself and its Pods (kubernetes `plugin/pkg/admission/noderestriction`). */
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { newForbidden, newNotFound } from "../../../apimachinery/status-errors.ts";
import type { NodeGraph } from "../../authorization/node/node-graph.ts";
import { nodeNameOf } from "../../authorization/node/node-identity.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { restrictNode } from "./node-rules.ts";
import { claimRestriction, requestRestriction, sliceRestriction } from "./other-rules.ts";
import { restrictMirrorPod, restrictPodStatus } from "./pod-rules.ts";
import { tokenRestriction } from "./token-rules.ts";

/** Refuses a write of a node by its name: a text says why, a missing Pod is told as such. */
type Restriction = (
  node: string,
  request: AdmissionRequest,
  graph: NodeGraph,
) => string | { readonly missingPod: string } | undefined;

const leaseNamespace = "kube-node-lease";

/** By resource, and subresource after a slash. */
const restrictions: Readonly<Record<string, Restriction>> = {
  pods: (node, request, graph) =>
    request.operation === "CREATE"
      ? restrictMirrorPod(node, request)
      : request.operation === "DELETE"
        ? ofOwnPod(node, request, graph, `node ${JSON.stringify(node)} can only delete pods`)
        : `unexpected operation ${JSON.stringify(request.operation)}, node ${JSON.stringify(node)} can only create and delete mirror pods`,
  "pods/status": restrictPodStatus,
  "pods/eviction": (node, request, graph) =>
    ofOwnPod(node, request, graph, `node ${node} can only evict pods`),
  nodes: restrictNode,
  "nodes/status": restrictNode,
  persistentvolumeclaims: () => "may only update PVC status",
  "persistentvolumeclaims/status": claimRestriction,
  "serviceaccounts/token": tokenRestriction,
  "leases.coordination.k8s.io": (node, request) =>
    request.context.info.namespace === leaseNamespace
      ? ofOwnName(node, request, "node lease")
      : `can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`,
  "csinodes.storage.k8s.io": (node, request) => ofOwnName(node, request, "CSINode"),
  "resourceslices.resource.k8s.io": sliceRestriction,
  "certificatesigningrequests.certificates.k8s.io": requestRestriction,
};

export function nodeRestriction(graph: NodeGraph): AdmissionPlugin {
  return {
    name: "NodeRestriction",
    admit(request) {
      const { context } = request;
      const node = nodeNameOf(context.user);
      if (node === undefined) return;
      const { groupResource } = context.store;
      const name = request.object?.metadata.name ?? context.info.name;
      const { group, resource } = groupResource;
      const { subresource } = context.info;
      const qualified = group === "" ? resource : `${resource}.${group}`;
      const restriction = restrictions[subresource === "" ? qualified : `${qualified}/${subresource}`];
      const verdict =
        node === ""
          ? `could not determine node from user ${JSON.stringify(context.user.name)}`
          : restriction === undefined
            ? unknownSubresource(qualified, subresource)
            : restriction(node, request, graph);
      if (verdict === undefined) return;
      if (typeof verdict === "string") throw newForbidden(groupResource, name, verdict);
      throw newNotFound({ group: "", resource: "pods" }, verdict.missingPod);
    },
  };
}

function unknownSubresource(resource: string, subresource: string): string | undefined {
  if (resource !== "pods") return undefined;
  return `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`;
}

function ofOwnPod(
  node: string,
  { context, old, object }: AdmissionRequest,
  graph: NodeGraph,
  what: string,
): string | { readonly missingPod: string } | undefined {
  const { namespace } = context.info;
  const name = context.info.name || (old ?? object)?.metadata.name || "";
  const pod = graph.pod(namespace, name);
  if (pod === undefined) return { missingPod: name };
  return pod.node === node ? undefined : `${what} with spec.nodeName set to itself`;
}

function ofOwnName(
  node: string,
  { context, object, operation }: AdmissionRequest,
  what: string,
): string | undefined {
  const name = operation === "CREATE" ? nameOf(object) : context.info.name;
  return name === node ? undefined : `can only access ${what} with the same name as the requesting node`;
}

function nameOf(object: ApiObject | undefined): string {
  return object?.metadata.name ?? "";
}
