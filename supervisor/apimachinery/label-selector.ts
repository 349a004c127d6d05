/** The structured form of label selectors (meta/v1 `LabelSelector`) as requirements and as text. */
import { type LabelRequirement, type Labels, matchesLabels } from "./labels.ts";

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** As meta/v1 has it. Absent it selects nothing, empty it selects everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?: readonly Expression[] | undefined;
}

function expressionRequirement({ key, operator, values = [] }: Expression): LabelRequirement | undefined {
  switch (operator) {
    case "In":
      return values.length === 0 ? undefined : { key, operator: "in", values };
    case "NotIn":
      return values.length === 0 ? undefined : { key, operator: "notin", values };
    case "Exists":
      return values.length === 0 ? { key, operator: "exists", values } : undefined;
    case "DoesNotExist":
      return values.length === 0 ? { key, operator: "!", values } : undefined;
    default:
      return undefined;
  }
}

/** The requirements, by key; undefined for a selector that says something impossible. */
export function selectorRequirements(selector: LabelSelector): readonly LabelRequirement[] | undefined {
  const requirements: LabelRequirement[] = [];
  const labels = selector.matchLabels ?? {};
  for (const key of Object.keys(labels))
    requirements.push({ key, operator: "=", values: [labels[key] ?? ""] });
  for (const expression of selector.matchExpressions ?? []) {
    const requirement = expressionRequirement(expression);
    if (requirement === undefined) return undefined;
    requirements.push(requirement);
  }
  return requirements.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
}

/** A requirement as a selector's text has it: `tier in (a,b)`. */
function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${Array.from(values).sort().join(",")})`;
    default:
      return `${key}${operator}${values[0] ?? ""}`;
  }
}

/** The selector's text; empty for one that selects everything, undefined for an impossible one. */
export function selectorText(selector: LabelSelector): string | undefined {
  return selectorRequirements(selector)?.map(requirementText).join(",");
}

/** Whether labels are selected; undefined for a selector that says something impossible. */
export function selectorMatches(selector: LabelSelector, labels: Labels): boolean | undefined {
  const requirements = selectorRequirements(selector);
  return requirements && matchesLabels(requirements, labels);
}
