/** Validation of the keys whose values a Pod shares with those it looks for, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, forbiddenField, invalidField } from "../../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkQualifiedName } from "../../../../apimachinery/validation/formats.ts";
import type { V1LabelSelector, V1PodAffinityTerm } from "../../../generated/types.ts";

type Keyed = Pick<V1PodAffinityTerm, "labelSelector" | "matchLabelKeys" | "mismatchLabelKeys">;

/** `term` is an affinity or a topology spread constraint. */
export function validateLabelKeys(term: Keyed, path: string, errors: FieldError[]): void {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  for (const field of ["matchLabelKeys", "mismatchLabelKeys"] as const) {
    const keys = term[field] ?? [];
    if (keys.length === 0) continue;
    if (labelSelector === undefined) {
      const detail = "must not be specified when labelSelector is not set";
      errors.push(forbiddenField(`${path}.${field}`, detail));
    } else {
      keys.forEach((key, index) => {
        checkFormat(errors, `${path}.${field}[${index}]`, key, checkQualifiedName);
      });
    }
  }
  if (labelSelector) validateSelectorKeys(labelSelector, matchLabelKeys, path, errors);
  matchLabelKeys.forEach((key, index) => {
    if (!mismatchLabelKeys.includes(key)) return;
    const detail = "exists in both matchLabelKeys and mismatchLabelKeys";
    errors.push(invalidField(`${path}.matchLabelKeys[${index}]`, key, detail));
  });
}

/** The server adds an expression for each of these keys; a second one for the same key is the client's own. */
function validateSelectorKeys(
  selector: V1LabelSelector,
  keys: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  const seen = new Set(Object.keys(selector.matchLabels ?? {}));
  for (const { key } of selector.matchExpressions ?? []) {
    if (seen.has(key) && keys.includes(key)) {
      const detail = "exists in both matchLabelKeys and labelSelector";
      errors.push(invalidField(`${path}[${keys.indexOf(key)}]`, key, detail));
    }
    seen.add(key);
  }
}
