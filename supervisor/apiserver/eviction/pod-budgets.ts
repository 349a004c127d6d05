import type { V1PodDisruptionBudget } from "../../api/generated/types.ts";
import { selectorMatches } from "../../apimachinery/label-selector.ts";
import type { ObjectMeta } from "../../apimachinery/object-meta.ts";
import type { Typed } from "../../registry/resource-definition.ts";
import { pagesOf } from "../../storage/pages-of.ts";
import type { ObjectStore } from "../storage/object-store.ts";

export type Budget = Typed<V1PodDisruptionBudget>;

/** The budgets whose selector selects a Pod; an empty selector selects none. */
export async function budgetsOf(
  budgets: ObjectStore,
  { namespace = "", labels = {} }: ObjectMeta,
): Promise<readonly Budget[]> {
  const found: Budget[] = [];
  for await (const { items } of pagesOf(budgets.backend, budgets.prefix(namespace))) {
    for (const item of items) {
      // What this store holds are budgets.
      const budget = budgets.codec.decode(item) as unknown as Budget;
      if (selects(budget, labels)) found.push(budget);
    }
  }
  return found;
}

function selects({ spec }: Budget, labels: Readonly<Record<string, string>>): boolean {
  const { selector } = spec ?? {};
  if (selector === undefined) return false;
  const isEmpty =
    Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  return !isEmpty && selectorMatches(selector, labels) === true;
}
