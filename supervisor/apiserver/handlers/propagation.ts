import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";
import type { DeleteOptions } from "./delete-options.ts";

/** The garbage collector frees the dependents of an object that has this finalizer. */
const orphanFinalizer = "orphan";
/** The garbage collector deletes the dependents of an object that has this finalizer before the object itself. */
const foregroundFinalizer = "foregroundDeletion";

/**
 * Gives an object that is deleted the finalizers by which the garbage collector knows what to do with its dependents
 * (the generic registry's `deletionFinalizersForGarbageCollection`): as the client says, else as a finalizer of the
 * object says, else as its kind does.
 */
export function setPropagationFinalizers(
  definition: ResourceDefinition,
  object: ApiObject,
  wanted: DeleteOptions["propagation"],
): void {
  const { defaultPropagation } = definition.strategy;
  if (defaultPropagation === "None") return;
  const { metadata } = object;
  const current = metadata.finalizers ?? [];
  const finalizer = finalizerFor(wanted ?? presentPolicy(current) ?? defaultPropagation);
  const others = current.filter((one) => one !== orphanFinalizer && one !== foregroundFinalizer);
  const next = finalizer === undefined ? others : [...others, finalizer];
  if (next.length === current.length && next.every((one) => current.includes(one))) return;
  if (next.length === 0) delete metadata.finalizers;
  else metadata.finalizers = next;
}

function presentPolicy(finalizers: readonly string[]): DeleteOptions["propagation"] {
  const present = finalizers.find((one) => one === orphanFinalizer || one === foregroundFinalizer);
  if (present === undefined) return undefined;
  return present === orphanFinalizer ? "Orphan" : "Foreground";
}

function finalizerFor(policy: DeleteOptions["propagation"]): string | undefined {
  if (policy === "Orphan") return orphanFinalizer;
  return policy === "Foreground" ? foregroundFinalizer : undefined;
}
