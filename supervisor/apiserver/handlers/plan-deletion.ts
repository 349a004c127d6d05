/** What a deletion does to an object (kubernetes `registry/rest/delete.go` and the generic registry's store). */
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";
import type { DeleteOptions } from "./delete-options.ts";
import { pendingFinalizers } from "./deletion-state.ts";
import { setPropagationFinalizers } from "./propagation.ts";

/** Remove the object; store its mark; or nothing, since an earlier deletion is under way. */
export type DeletionPlan = "remove" | "mark" | "pending";

/** Decides, and marks `object` where that is the plan. */
export function planDeletion(
  definition: ResourceDefinition,
  object: ApiObject,
  options: Pick<DeleteOptions, "gracePeriodSeconds" | "propagation">,
  now: string,
): DeletionPlan {
  const graceful = markGracefully(definition, object, options.gracePeriodSeconds, now);
  if (graceful === "pending") return "pending";
  setPropagationFinalizers(definition, object, options.propagation);
  if (pendingFinalizers(definition, object).length > 0) {
    if (graceful === undefined) markForFinalizers(definition, object, now);
    return "mark";
  }
  return graceful !== undefined && graceful > 0 ? "mark" : "remove";
}

/** Sets the time by which the object is to end; the grace period in seconds, or undefined for kinds without one. */
function markGracefully(
  definition: ResourceDefinition,
  object: ApiObject,
  requested: number | undefined,
  now: string,
): number | "pending" | undefined {
  const { strategy } = definition;
  const { metadata } = object;
  if (strategy.gracePeriodSeconds === undefined) return undefined;
  if (metadata.deletionTimestamp !== undefined) return shorten(object, requested, now);
  const seconds = strategy.gracePeriodSeconds(object, requested);
  metadata.deletionTimestamp = timestamp(Date.parse(now) + seconds * 1000);
  metadata.deletionGracePeriodSeconds = seconds;
  if (metadata.generation) metadata.generation++;
  return seconds;
}

/** A second deletion can only shorten the grace period of the first. */
function shorten(
  object: ApiObject,
  requested: number | undefined,
  now: string,
): number | "pending" | undefined {
  const { metadata } = object;
  const current = metadata.deletionGracePeriodSeconds ?? 0;
  if (current === 0) return undefined;
  if (requested === undefined || requested >= current) return "pending";
  const nowMs = Date.parse(now);
  const deadlineMs = Date.parse(metadata.deletionTimestamp ?? now) - (current - requested) * 1000;
  // A graceful end stays graceful also when its time is over already: somebody else does it.
  const seconds = deadlineMs < nowMs && requested !== 0 ? 1 : requested;
  metadata.deletionTimestamp = timestamp(Math.max(deadlineMs, nowMs));
  metadata.deletionGracePeriodSeconds = seconds;
  return seconds;
}

function markForFinalizers(definition: ResourceDefinition, object: ApiObject, now: string): void {
  const { metadata } = object;
  const isFirst = metadata.deletionTimestamp === undefined;
  if (isFirst && metadata.generation) metadata.generation++;
  if (isFirst || Date.parse(metadata.deletionTimestamp ?? now) > Date.parse(now)) {
    metadata.deletionTimestamp = now;
  }
  if (definition.strategy.markTerminating === undefined) metadata.deletionGracePeriodSeconds = 0;
  else if (isFirst) definition.strategy.markTerminating(object);
}
