/** Selectors as tables show them (apimachinery `labels.FormatLabels`, meta/v1 `FormatLabelSelector`). */
import type { V1LabelSelector } from "../api/generated/types.ts";

const none = "<none>";

/** `a=1,b=2` in the order of the keys; `<none>` for no label. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const terms = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return terms.length === 0 ? none : terms.sort().join(",");
}

/** A selector in the form that queries have; `<none>` for the one that takes everything. */
export function formatLabelSelector(selector: V1LabelSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => [key, `${key}=${value}`]);
  const others = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    const list = `(${values.toSorted().join(",")})`;
    if (operator === "Exists") return [key, key];
    if (operator === "DoesNotExist") return [key, `!${key}`];
    return [key, `${key} ${operator === "In" ? "in" : "notin"} ${list}`];
  });
  const terms = [...equal, ...others].sort(([left = ""], [right = ""]) => (left < right ? -1 : 1));
  return terms.length === 0 ? none : terms.map(([, text]) => text).join(",");
}
