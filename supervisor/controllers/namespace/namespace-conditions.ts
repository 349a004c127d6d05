import type { V1NamespaceCondition } from "../../api/generated/types.ts";
import type { RemainingContent } from "./namespaced-content.ts";

export interface DeletionState {
  /** What discovery could not read, in words. */
  readonly discoveryFailures: readonly string[];
  /** What could not be deleted, in words. */
  readonly contentFailures: readonly string[];
  readonly remaining: readonly RemainingContent[];
}

/** A namespace's conditions during its deletion, in kube-controller-manager's texts (`namespaceConditionUpdater`). */
export function deletionConditions(
  current: readonly V1NamespaceCondition[],
  state: DeletionState,
  now: string,
): readonly V1NamespaceCondition[] {
  const { discoveryFailures, contentFailures } = state;
  const wanted = [
    either(
      "NamespaceDeletionDiscoveryFailure",
      discoveryFailures.length > 0 &&
        `Discovery failed for some groups, ${discoveryFailures.length} failing: ${discoveryFailures.join(", ")}`,
      "DiscoveryFailed",
      ["ResourcesDiscovered", "All resources successfully discovered"],
    ),
    either("NamespaceDeletionGroupVersionParsingFailure", false, "GroupVersionParsingFailed", [
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ]),
    either(
      "NamespaceDeletionContentFailure",
      contentFailures.length > 0 &&
        `Failed to delete all resource types, ${contentFailures.length} remaining: ${contentFailures.join(", ")}`,
      "ContentDeletionFailed",
      ["ContentDeleted", "All content successfully deleted, may be waiting on finalization"],
    ),
    either("NamespaceContentRemaining", remainingText(state.remaining), "SomeResourcesRemain", [
      "ContentRemoved",
      "All content successfully removed",
    ]),
    either("NamespaceFinalizersRemaining", finalizersText(state.remaining), "SomeFinalizersRemain", [
      "ContentHasNoFinalizers",
      "All content-preserving finalizers finished",
    ]),
  ];
  const others = current.filter((condition) => !wanted.some((one) => one.type === condition.type));
  return [...others, ...wanted.map((condition) => withTransitionTime(condition, current, now))];
}

function either(
  type: string,
  trouble: string | false,
  troubleReason: string,
  [reason, message]: readonly [string, string],
): V1NamespaceCondition {
  if (trouble !== false) return { type, status: "True", reason: troubleReason, message: trouble };
  return { type, status: "False", reason, message };
}

function withTransitionTime(
  condition: V1NamespaceCondition,
  current: readonly V1NamespaceCondition[],
  now: string,
): V1NamespaceCondition {
  const known = current.find((one) => one.type === condition.type);
  const isSame = known?.status === condition.status;
  return { ...condition, lastTransitionTime: (isSame && known.lastTransitionTime) || now };
}

function remainingText(remaining: readonly RemainingContent[]): string | false {
  const texts = remaining
    .filter(({ objects }) => objects.length > 0)
    .map(
      ({ resource, objects }) =>
        `${resource.resource}.${resource.group} has ${objects.length} resource instances`,
    );
  return texts.length > 0 && `Some resources are remaining: ${texts.sort().join(", ")}`;
}

function finalizersText(remaining: readonly RemainingContent[]): string | false {
  const counts = new Map<string, number>();
  for (const { objects } of remaining) {
    for (const finalizer of objects.flatMap((object) => object.finalizers ?? [])) {
      counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
    }
  }
  const texts = [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  return (
    texts.length > 0 && `Some content in the namespace has finalizers remaining: ${texts.sort().join(", ")}`
  );
}
