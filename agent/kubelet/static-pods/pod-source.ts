import type { V1Pod } from "../../../supervisor/api/generated/types.ts";

/** Where a Pod comes from (the kubelet's annotation): `file`, or `api` for all others. */
export const sourceAnnotation = "kubernetes.io/config.source";
/** A hash over a static Pod's manifest, which is its UID too. */
export const hashAnnotation = "kubernetes.io/config.hash";
/** On the API's object that shows a static Pod: the hash of what it shows. */
export const mirrorAnnotation = "kubernetes.io/config.mirror";

/** Whether the Pod comes from a file of this host, not from the API. */
export function isStatic({ metadata }: V1Pod): boolean {
  return metadata?.annotations?.[sourceAnnotation] === "file" && !isMirror({ metadata });
}

/** Whether the API's object only shows a static Pod. */
export function isMirror({ metadata }: Pick<V1Pod, "metadata">): boolean {
  return metadata?.annotations?.[mirrorAnnotation] !== undefined;
}

/** `namespace/name`, by which the API and this host name the same Pod. */
export function podKey({ metadata }: V1Pod): string {
  return `${metadata?.namespace ?? "default"}/${metadata?.name ?? ""}`;
}
