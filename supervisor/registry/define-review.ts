import { defineResource } from "./define-resource.ts";
import type { ResourceDefinition } from "./resource-definition.ts";

/** A kind that is only asked: a POST is answered at once and nothing is stored. */
export function defineReview(
  group: string,
  kind: string,
  { namespaced = false }: { readonly namespaced?: boolean } = {},
): ResourceDefinition {
  const resource = `${kind.toLowerCase()}s`;
  return defineResource({ group, kind, resource, namespaced, isReview: true });
}
