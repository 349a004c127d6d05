import { podReferences } from "../../../api/core/v1/pod/pod-references.ts";
import type { V1Pod } from "../../../api/generated/types.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { OwnerReference } from "../../../apimachinery/object-meta.ts";
import type { AdmissionRequest } from "../admission.ts";

const mirrorAnnotation = "kubernetes.io/config.mirror";

/** A node creates Pods only to show those that it runs by itself; such a one names nothing of the API. */
export function restrictMirrorPod(node: string, { object }: AdmissionRequest): string | undefined {
  // Decoding made this a Pod.
  const pod = object as unknown as V1Pod;
  const quoted = JSON.stringify(node);
  if (pod.metadata?.annotations?.[mirrorAnnotation] === undefined) {
    return `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, node ${quoted} can only create mirror pods`;
  }
  if (pod.spec?.nodeName !== node)
    return `node ${quoted} can only create pods with spec.nodeName set to itself`;
  return ownerComplaint(node, object?.metadata.ownerReferences ?? []) ?? referenceComplaint(node, pod);
}

function ownerComplaint(node: string, owners: readonly OwnerReference[]): string | undefined {
  const can = `node ${JSON.stringify(node)} can only create pods with`;
  const [owner, ...others] = owners;
  if (others.length > 0) return `${can} a single owner reference set to itself`;
  if (owner?.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== node) {
    return `${can} an owner reference set to itself`;
  }
  if (owner.controller !== true) return `${can} a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion !== true) return undefined;
  return `node ${JSON.stringify(node)} must not set blockOwnerDeletion on an owner reference`;
}

function referenceComplaint(node: string, pod: V1Pod): string | undefined {
  const kinds: Readonly<Record<string, string>> = {
    serviceaccounts: "a service account",
    secrets: "secrets",
    configmaps: "configmaps",
    persistentvolumeclaims: "persistentvolumeclaims",
    resourceclaims: "resourceclaims",
  };
  const named = new Set(
    Array.from(podReferences(pod), (reference) => reference.slice(0, reference.indexOf("/"))),
  );
  for (const [resource, words] of Object.entries(kinds)) {
    if (named.has(resource))
      return `node ${JSON.stringify(node)} can not create pods that reference ${words}`;
  }
  return undefined;
}

/** A node tells how its own Pods fare, and changes nothing else of them. */
export function restrictPodStatus(
  node: string,
  { operation, object, old }: AdmissionRequest,
): string | undefined {
  if (operation !== "UPDATE" || old === undefined) return `unexpected operation ${JSON.stringify(operation)}`;
  // Decoding made both Pods.
  const pod = object as unknown as V1Pod;
  const oldPod = old as unknown as V1Pod;
  const quoted = JSON.stringify(node);
  if (oldPod.spec?.nodeName !== node) {
    return `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`;
  }
  if (!equalJson(pod.metadata?.labels ?? {}, oldPod.metadata?.labels ?? {})) {
    return `node ${quoted} cannot update labels through pod status`;
  }
  const claims = ({ status }: V1Pod) => status?.resourceClaimStatuses ?? [];
  return equalJson(claims(pod), claims(oldPod))
    ? undefined
    : `node ${quoted} cannot update resource claim statues`;
}
