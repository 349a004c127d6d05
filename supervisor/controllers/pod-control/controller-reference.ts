/** Who controls an object: the one owner reference that says so (meta/v1 `GetControllerOf`). */
import type { V1OwnerReference } from "../../api/generated/types.ts";
import type { Informer, KubernetesObject } from "../../client/types.ts";

export function controllerOf({ metadata }: KubernetesObject): V1OwnerReference | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller === true);
}

/** The reference by which `owner` controls what it makes. */
export function controllerReference(
  owner: KubernetesObject,
  kind: { readonly apiVersion: string; readonly kind: string },
): V1OwnerReference {
  const { name = "", uid = "" } = owner.metadata ?? {};
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

const index = "controller";

/** Lets {@link controlledBy} and {@link orphansIn} find this informer's objects. */
export function indexByController(informer: Informer<KubernetesObject>): void {
  informer.addIndexer(index, (object) => [
    controllerOf(object)?.uid ?? orphanKey(object.metadata?.namespace ?? ""),
  ]);
}

/** The objects that the owner with this uid controls. */
export function controlledBy<T extends KubernetesObject>(informer: Informer<T>, uid: string): readonly T[] {
  return informer.byIndex(index, uid);
}

/** The objects of a namespace that nobody controls. */
export function orphansIn<T extends KubernetesObject>(
  informer: Informer<T>,
  namespace: string,
): readonly T[] {
  return informer.byIndex(index, orphanKey(namespace));
}

/** No uid: it begins with a slash. */
function orphanKey(namespace: string): string {
  return `/${namespace}`;
}
