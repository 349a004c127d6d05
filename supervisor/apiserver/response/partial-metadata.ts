import type { ApiObject } from "../../apimachinery/object-meta.ts";

/** `PartialObjectMetadata` of an object: who it is without what it is. */
export function partialMetadata(object: ApiObject, version = "v1"): object {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

/** The same as text, of an object whose metadata is text already. */
export function partialMetadataText(metadata: string, version = "v1"): string {
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":${metadata}}`;
}
