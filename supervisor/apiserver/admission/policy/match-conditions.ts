import { type Activation, CostBudget, OutOfBudgetError } from "./activation.ts";
import type { NamedExpression } from "./compiled-policy.ts";

/** What the conditions of one policy or webhook may spend together (apiserver `apis/cel`). */
const matchConditionsBudget = 2_500_000;

export type MatchVerdict = { readonly matches: boolean } | { readonly error: string };

/**
 * Whether all conditions hold. One that does not decides, whatever goes wrong with others; else an error is one where
 * the failure policy is not `Ignore`.
 */
export function evaluateMatchConditions(
  conditions: readonly NamedExpression[],
  activation: Activation,
  failurePolicy: string | undefined,
): MatchVerdict {
  const errors: string[] = [];
  const budget = new CostBudget(matchConditionsBudget);
  try {
    for (const { compiled } of conditions) {
      const outcome = activation.evaluate(compiled, budget);
      if (outcome.error !== undefined) errors.push(outcome.error);
      else if (outcome.value === false) return { matches: false };
    }
  } catch (error) {
    if (!(error instanceof OutOfBudgetError)) throw error;
    errors.splice(0, errors.length, error.message);
  }
  if (errors.length === 0) return { matches: true };
  if (failurePolicy === "Ignore") return { matches: false };
  return { error: errors.length === 1 ? (errors[0] ?? "") : `[${errors.join(", ")}]` };
}
