/** Selectors that are to see Pods of the same version as their own Pod (`matchLabelKeys`). */
import type {
  V1LabelSelector,
  V1PodAffinity,
  V1PodAffinityTerm,
  V1PodSpec,
} from "../../../api/generated/types.ts";
import type { Labels } from "../../../apimachinery/labels.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";

type Keyed = Pick<V1PodAffinityTerm, "labelSelector" | "matchLabelKeys" | "mismatchLabelKeys">;

/** Adds to each selector the values that the Pod's own labels have for the keys named beside it. */
export function selectOwnLabels(spec: Mutable<V1PodSpec>, labels: Labels): void {
  for (const affinity of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    if (affinity) for (const term of termsOf(affinity)) addExpressions(term, labels);
  }
  for (const constraint of spec.topologySpreadConstraints ?? []) addExpressions(constraint, labels);
}

function termsOf(affinity: Mutable<V1PodAffinity>): Array<Mutable<Keyed>> {
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...(affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...preferred.map(({ podAffinityTerm }) => podAffinityTerm),
  ];
}

function addExpressions(term: Mutable<Keyed>, labels: Labels): void {
  const { labelSelector } = term;
  if (labelSelector === undefined) return;
  addFor(labelSelector, term.matchLabelKeys, "In", labels);
  addFor(labelSelector, term.mismatchLabelKeys, "NotIn", labels);
}

function addFor(
  selector: Mutable<V1LabelSelector>,
  keys: readonly string[] | undefined,
  operator: "In" | "NotIn",
  labels: Labels,
): void {
  for (const key of keys ?? []) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value === undefined) continue;
    selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [value] }];
  }
}
