import type { ResourceDefinition, Subresource } from "../../registry/resource-definition.ts";

const resourceVerbs = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
] as const;

/** The verbs of a resource, in the order of discovery. */
export function verbsOf({ withoutVerbs = [], isReview }: ResourceDefinition): readonly string[] {
  if (isReview) return ["create"];
  return resourceVerbs.filter((verb) => !withoutVerbs.some((missing) => missing === verb));
}

/** In the order of discovery. */
const methodVerbs: Readonly<Record<string, string>> = {
  POST: "create",
  DELETE: "delete",
  GET: "get",
  PATCH: "patch",
  PUT: "update",
};

export function subresourceVerbs(subresource: Subresource): readonly string[] {
  switch (subresource.type) {
    case "part":
      return subresource.verbs ?? ["get", "patch", "update"];
    case "view":
      return ["get", "patch", "update"];
    case "action":
    case "answer":
      return ["create"];
    case "connect":
      return Object.keys(methodVerbs).flatMap((method) =>
        subresource.methods.includes(method) ? [methodVerbs[method] ?? ""] : [],
      );
  }
}

/** The kind that a subresource takes and gives. */
export function subresourceKind(definition: ResourceDefinition, subresource: Subresource): string {
  return subresource.type === "part" ? definition.kind : subresource.kind;
}

/** The group and version of that kind where they are not the resource's own. */
export function subresourceGroupVersion(
  subresource: Subresource,
): { group: string; version: string } | undefined {
  if (subresource.type !== "view" && subresource.type !== "answer") return undefined;
  const { group, version } = subresource;
  return { group, version };
}

/** The subresources by name, as discovery lists them. */
export function subresourcesOf({ subresources }: ResourceDefinition): ReadonlyArray<[string, Subresource]> {
  return Object.entries(subresources).toSorted(([left], [right]) => (left < right ? -1 : 1));
}
