import type { V1OwnerReference } from "../../api/generated/types.ts";

/** Which object something is said of. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Empty for a cluster-scoped object. */
  readonly namespace: string;
}

/** As events and errors name it. */
export function formatReference({ apiVersion, kind, namespace, name, uid }: ObjectReference): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}

/** The object that an owner reference of something in a namespace means. */
export function ownerIdentity(owner: V1OwnerReference, namespace: string): ObjectReference {
  const { apiVersion, kind, name, uid } = owner;
  return { apiVersion, kind, name, uid, namespace };
}

export function sameReference(left: ObjectReference, right: ObjectReference): boolean {
  return sameCoordinates(left, right) && left.namespace === right.namespace;
}

/** Whether an owner reference names an object rightly, its namespace aside. */
export function sameCoordinates(
  owner: Pick<V1OwnerReference, "apiVersion" | "kind" | "name" | "uid">,
  { apiVersion, kind, name, uid }: ObjectReference,
): boolean {
  return owner.uid === uid && owner.name === name && owner.kind === kind && owner.apiVersion === apiVersion;
}

/** An order of references in which alternatives are tried one after the other. */
export function compareReferences(left: ObjectReference, right: ObjectReference): number {
  const key = ({ kind, apiVersion, namespace, name, uid }: ObjectReference) =>
    [kind, apiVersion, namespace, name, uid].join("\0");
  const [one, other] = [key(left), key(right)];
  return one === other ? 0 : one < other ? -1 : 1;
}
