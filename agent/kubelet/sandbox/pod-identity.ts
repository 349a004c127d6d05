import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";

/** The labels that tie a sandbox or a container to its Pod, as the kubelet sets them on what it makes through CRI. */
const podNameLabel = "io.kubernetes.pod.name";
const podNamespaceLabel = "io.kubernetes.pod.namespace";
const podUidLabel = "io.kubernetes.pod.uid";
const containerNameLabel = "io.kubernetes.container.name";

export const containerHashAnnotation = "io.kubernetes.container.hash";
export const restartCountAnnotation = "io.kubernetes.container.restartCount";
export const terminationMessagePathAnnotation = "io.kubernetes.container.terminationMessagePath";
export const terminationMessagePolicyAnnotation = "io.kubernetes.container.terminationMessagePolicy";

/** The image as the Pod names it, and as its status does, `repo@sha256:…`; kept for as long as the container is. */
export const imageAnnotation = "pacific.dev/image";
/** What the container was given, as its Pod names resources. */
export const resourcesAnnotation = "pacific.dev/resources";
export const imageReferenceAnnotation = "pacific.dev/image-reference";

/** What identifies a Pod; every Pod that the API server gives has all of it. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export function podIdentity(pod: V1Pod): PodIdentity {
  const { namespace = "default", name = "", uid = "" } = pod.metadata ?? {};
  return { namespace, name, uid };
}

/** `name_namespace(uid)`, as the kubelet's messages name a Pod. */
export function formatPod(pod: V1Pod): string {
  const { namespace, name, uid } = podIdentity(pod);
  return `${name}_${namespace}(${uid})`;
}

export function podLabels(pod: V1Pod): Record<string, string> {
  const { namespace, name, uid } = podIdentity(pod);
  return {
    ...pod.metadata?.labels,
    [podNameLabel]: name,
    [podNamespaceLabel]: namespace,
    [podUidLabel]: uid,
  };
}

export function containerLabels(pod: V1Pod, container: V1Container): Record<string, string> {
  const { namespace, name, uid } = podIdentity(pod);
  return {
    [podNameLabel]: name,
    [podNamespaceLabel]: namespace,
    [podUidLabel]: uid,
    [containerNameLabel]: container.name,
  };
}

/** The part of a Pod that a container's events speak of, `spec.containers{web}`. */
export function containerFieldPath({ spec }: V1Pod, containerName: string): string {
  const lists = ["initContainers", "ephemeralContainers"] as const;
  const list = lists.find((kind) => spec?.[kind]?.some(({ name }) => name === containerName));
  return `spec.${list ?? "containers"}{${containerName}}`;
}
