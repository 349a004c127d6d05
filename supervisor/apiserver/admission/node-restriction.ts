/** What a host may write about itself and its Pods (after kubernetes `plugin/pkg/admission/noderestriction`). */
import type { V1CertificateSigningRequest, V1Node, V1Pod } from "../../api/generated/types.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newForbidden } from "../../apimachinery/status-errors.ts";
import { nodeNameOf } from "../authorization/node-rules.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

/** Labels by which workloads are kept apart: a host may not give them to itself. */
const reservedLabel = /^(?:[^/]*\.)?node-restriction\.kubernetes\.io\//;

export const nodeRestriction: AdmissionPlugin = {
  name: "NodeRestriction",
  admit(request) {
    const node = nodeNameOf(request.context.user);
    if (node === undefined || request.object === undefined) return;
    const { resource } = request.context.store.definition;
    if (resource === "nodes") restrictNode(request, request.object, node);
    if (resource === "leases") restrictName(request, request.object, node);
    if (resource === "pods") restrictPod(request, request.object, node);
    if (resource === "certificatesigningrequests") restrictRequest(request, request.object);
  },
};

function refuse({ context }: AdmissionRequest, object: ApiObject, why: string) {
  return newForbidden(context.store.groupResource, object.metadata.name ?? "", why);
}

function restrictName(request: AdmissionRequest, object: ApiObject, node: string): void {
  const name = object.metadata.name ?? "";
  if (name === node) return;
  throw refuse(
    request,
    object,
    `node ${JSON.stringify(node)} is not allowed to write the object of node ${JSON.stringify(name)}`,
  );
}

function restrictNode(request: AdmissionRequest, object: ApiObject, node: string): void {
  restrictName(request, object, node);
  const labels = object.metadata.labels ?? {};
  const oldLabels = request.old?.metadata.labels ?? {};
  const names = new Set([...Object.keys(labels), ...Object.keys(oldLabels)]);
  const changed = Array.from(names).filter(
    (name) => reservedLabel.test(name) && labels[name] !== oldLabels[name],
  );
  if (changed.length > 0) {
    const list = changed.sort().join(", ");
    throw refuse(request, object, `is not allowed to modify labels: ${list}`);
  }
  if (request.operation !== "UPDATE") return;
  // Decoding made both Nodes.
  const taints = (object as unknown as V1Node).spec?.taints ?? [];
  const oldTaints = (request.old as unknown as V1Node).spec?.taints ?? [];
  if (!equalJson(taints, oldTaints)) {
    throw refuse(request, object, `node ${JSON.stringify(node)} is not allowed to modify taints`);
  }
}

function restrictPod(request: AdmissionRequest, object: ApiObject, node: string): void {
  // Decoding made these Pods.
  const pod = (request.old ?? object) as unknown as V1Pod;
  if (pod.spec?.nodeName === node) return;
  throw refuse(
    request,
    object,
    `node ${JSON.stringify(node)} can only update pod status for pods with spec.nodeName set to itself`,
  );
}

/** A host renews its own client certificate, or asks for that of its own server; the signer looks at the subject. */
function restrictRequest(request: AdmissionRequest, object: ApiObject): void {
  // Decoding made this a CertificateSigningRequest.
  const { signerName } = (object as unknown as V1CertificateSigningRequest).spec ?? {};
  if (signerName === "kubernetes.io/kube-apiserver-client-kubelet") return;
  if (signerName === "kubernetes.io/kubelet-serving") return;
  throw refuse(
    request,
    object,
    `a node may not request a certificate of signer ${JSON.stringify(signerName)}`,
  );
}
