/** What is filled in where an object names no class (kubernetes `storageclass/setdefault`, `defaultingressclass`). */
import type {
  V1Ingress,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1StorageClass,
} from "../../api/generated/types.ts";
import type { Typed } from "../../registry/resource-definition.ts";
import type { ObjectCache } from "../storage/object-cache.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { writtenObject } from "./written-object.ts";

/** What requests need to know of a class. */
export interface ClassFacts {
  readonly name: string;
  readonly isDefault: boolean;
  readonly creationTimestamp: string;
  /** For storage: whether claims may grow. */
  readonly allowsExpansion: boolean;
}

export function storageClassFacts({ metadata, allowVolumeExpansion = false }: V1StorageClass): ClassFacts {
  const isDefault = [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
  ].some((annotation) => metadata?.annotations?.[annotation] === "true");
  return { ...common(metadata), isDefault, allowsExpansion: allowVolumeExpansion };
}

export function ingressClassFacts({ metadata }: { readonly metadata?: V1ObjectMeta }): ClassFacts {
  const isDefault = metadata?.annotations?.["ingressclass.kubernetes.io/is-default-class"] === "true";
  return { ...common(metadata), isDefault, allowsExpansion: false };
}

function common(metadata: V1ObjectMeta | undefined): Pick<ClassFacts, "name" | "creationTimestamp"> {
  return { name: metadata?.name ?? "", creationTimestamp: metadata?.creationTimestamp ?? "" };
}

/** The newest of those marked as default, and of several the first by name. */
function defaultOf(classes: ObjectCache<ClassFacts>): string | undefined {
  let best: ClassFacts | undefined;
  for (const one of classes.values()) if (one.isDefault && isBetter(one, best)) best = one;
  return best?.name;
}

function isBetter(one: ClassFacts, best: ClassFacts | undefined): boolean {
  if (best === undefined || one.creationTimestamp > best.creationTimestamp) return true;
  return one.creationTimestamp === best.creationTimestamp && one.name < best.name;
}

export function defaultStorageClass(classes: ObjectCache<ClassFacts>): AdmissionPlugin {
  return {
    name: "DefaultStorageClass",
    admit(request) {
      if (request.operation !== "CREATE") return;
      const claim = writtenObject<Typed<V1PersistentVolumeClaim>>(request, "", "persistentvolumeclaims");
      if (claim?.spec === undefined || claim.spec.storageClassName !== undefined) return;
      if (claim.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] !== undefined) return;
      const name = defaultOf(classes);
      if (name !== undefined) claim.spec.storageClassName = name;
    },
  };
}

export function defaultIngressClass(classes: ObjectCache<ClassFacts>): AdmissionPlugin {
  return {
    name: "DefaultIngressClass",
    admit(request) {
      if (request.operation !== "CREATE") return;
      const ingress = writtenObject<Typed<V1Ingress>>(request, "networking.k8s.io", "ingresses");
      if (ingress === undefined || ingress.spec?.ingressClassName !== undefined) return;
      if (ingress.metadata.annotations?.["kubernetes.io/ingress.class"] !== undefined) return;
      const name = defaultOf(classes);
      if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name };
    },
  };
}
