/** Fields that others own, in kube-apiserver's words (apimachinery `managedfields/internal/conflict.go`). */
import { displayPath } from "./field-set.ts";
import type { Managed } from "./managed-fields.ts";

export interface Conflict {
  readonly managed: Managed;
  readonly path: readonly string[];
}

/** `"kubectl-edit" with subresource "status" using apps/v1`. */
export function describeManager({ manager, subresource, operation, apiVersion }: Managed): string {
  const name = JSON.stringify(manager);
  const owner = subresource === "" ? name : `${name} with subresource ${JSON.stringify(subresource)}`;
  return operation === "Update" ? `${owner} using ${apiVersion}` : owner;
}

export function conflictMessage(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${describeManager(first.managed)}: ${displayPath(first.path)}`;
  }
  const byManager = new Map<string, string[]>();
  for (const { managed, path } of conflicts) {
    const owner = describeManager(managed);
    byManager.set(owner, [...(byManager.get(owner) ?? []), `- ${displayPath(path)}`]);
  }
  const lines = [...byManager.keys()]
    .sort()
    .flatMap((owner) => [`conflicts with ${owner}:`, ...(byManager.get(owner) ?? [])]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}
