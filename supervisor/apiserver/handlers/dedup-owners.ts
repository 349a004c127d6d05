import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { ApiObject, OwnerReference } from "../../apimachinery/object-meta.ts";

/** Whether the references were looked at before or after admission has changed the object. */
export type DedupPhase = "before admission" | "after admission";

/** Takes out owner references that are there twice, and tells the client (kubernetes `endpoints/handlers/rest.go`). */
export function dedupOwners({ metadata }: ApiObject, warnings: string[], phase: DedupPhase): void {
  const { ownerReferences } = metadata;
  if (ownerReferences === undefined || ownerReferences.length < 2) return;
  const kept: OwnerReference[] = [];
  const repeated: string[] = [];
  for (const reference of ownerReferences) {
    if (kept.some((other) => equalJson(other, reference))) repeated.push(reference.uid ?? "");
    else kept.push(reference);
  }
  if (repeated.length === 0) return;
  metadata.ownerReferences = kept;
  const when = phase === "after admission" ? " after mutating admission happens" : "";
  warnings.push(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(", ")}`,
  );
}
