import type { MetaRules } from "../../apimachinery/validation/object-meta.ts";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";

/** Groups whose kinds are validated by kubernetes `pkg/apis/core/validation.ValidateObjectMeta`. */
const coreGroups: ReadonlySet<string> = new Set(["", "apps", "batch", "networking.k8s.io"]);

/** What a resource asks of its objects' metadata. */
export function metaRules({ group, custom, namespaced, strategy }: ResourceDefinition): MetaRules {
  return {
    namespaced,
    checkName: strategy.checkName,
    qualifiedFinalizers: custom === undefined && coreGroups.has(group),
  };
}
