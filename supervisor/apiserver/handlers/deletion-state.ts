import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";

/** What must be done by others before an object may go. */
export function pendingFinalizers(definition: ResourceDefinition, object: ApiObject): readonly string[] {
  const ofKind = definition.strategy.finalizersInSpec?.(object) ?? [];
  return [...(object.metadata.finalizers ?? []), ...ofKind];
}

/** Whether an update has removed the last obstacle to a deletion that was asked for before. */
export function isFinallyDeleted(definition: ResourceDefinition, object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds > 0) return false;
  return pendingFinalizers(definition, object).length === 0;
}
