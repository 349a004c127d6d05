import type { ResourceDefinition, Subresource } from "../../registry/resource-definition.ts";

const resourceVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** The verbs of a resource, in the order of discovery. */
export function verbsOf(_definition: ResourceDefinition): readonly string[] {
  return resourceVerbs;
}

export function subresourceVerbs(subresource: Subresource): readonly string[] {
  switch (subresource.type) {
    case "part":
      return ["get", "patch", "update"];
    case "action":
      return ["create"];
    case "connect":
      return subresource.methods.length === 1 ? ["get"] : ["create", "get"];
  }
}

/** The kind that a subresource takes and gives. */
export function subresourceKind(definition: ResourceDefinition, subresource: Subresource): string {
  return subresource.type === "part" ? definition.kind : subresource.kind;
}
