import type { V1PodTemplateSpec } from "../../../api/generated/types.ts";
import type { ApiObject, ObjectMeta } from "../../../apimachinery/object-meta.ts";
import type { ResourceDefinition } from "../../../registry/resource-definition.ts";

/** Where the kinds that make Pods keep their template. */
const templatePaths: ReadonlyMap<string, readonly string[]> = new Map([
  ["/podtemplates", ["template"]],
  ["/replicationcontrollers", ["spec", "template"]],
  ["apps/daemonsets", ["spec", "template"]],
  ["apps/deployments", ["spec", "template"]],
  ["apps/replicasets", ["spec", "template"]],
  ["apps/statefulsets", ["spec", "template"]],
  ["batch/cronjobs", ["spec", "jobTemplate", "spec", "template"]],
  ["batch/jobs", ["spec", "template"]],
]);

/** The template of an object that makes Pods. */
export function templateOf(
  { group, resource }: Pick<ResourceDefinition, "group" | "resource">,
  object: ApiObject,
): { readonly spec?: V1PodTemplateSpec["spec"]; readonly metadata?: ObjectMeta } | undefined {
  const path = templatePaths.get(`${group}/${resource}`);
  if (path === undefined) return undefined;
  let value: unknown = object;
  for (const field of path) {
    // Every field on the way is an object by the kind's model, or absent.
    value = (value as Record<string, unknown> | undefined)?.[field];
  }
  // Decoding has checked the template by its model.
  return value as { readonly spec?: V1PodTemplateSpec["spec"]; readonly metadata?: ObjectMeta } | undefined;
}
