/** Names and texts of operations (kubernetes `apiserver/pkg/endpoints/openapi` and `installer.go`). */
import type { ResourceDefinition } from "../../registry/resource-definition.ts";

/** `RbacAuthorization` for `rbac.authorization`: as a part of an identifier. */
export function identifier(text: string, capitalize: boolean): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return capitalize ? joined : joined.charAt(0).toLowerCase() + joined.slice(1);
}

function shortGroup(group: string): string {
  return group === "" ? "core" : group.replace(/\.k8s\.io$/, "");
}

export function groupTag(group: string): string {
  return identifier(shortGroup(group), false);
}

export function groupVersionTag({ group, version }: Pick<ResourceDefinition, "group" | "version">): string {
  return `${groupTag(group)}_${identifier(version, false)}`;
}

/** `listCoreV1NamespacedPod`. */
export function operationId(
  verb: string,
  { group, version }: Pick<ResourceDefinition, "group" | "version">,
  rest: string,
): string {
  return verb + identifier(shortGroup(group), true) + identifier(version, true) + rest;
}

/** ` a Pod`, ` an Ingress`, ` Endpoints`. */
export function withArticle(kind: string): string {
  if (kind.endsWith("s") && !kind.endsWith("ss")) return ` ${kind}`;
  return ` ${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`;
}

export function titled(subresource: string): string {
  return subresource.charAt(0).toUpperCase() + subresource.slice(1);
}
