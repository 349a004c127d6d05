/** What the rules of a CustomResourceDefinition may cost (apiextensions-apiserver `pkg/apis/apiextensions/validation`). */
import { maxRequestBytes } from "../../../apimachinery/cel/schema-type.ts";
import { type FieldError, forbiddenField } from "../../../apimachinery/field-error.ts";
import type { JsonSchema } from "../../../apimachinery/structural/json-schema.ts";

/** One rule, over all the values that there may be of its schema. */
const ruleLimit = 10_000_000;
/** All rules of one version. */
const schemaLimit = 100_000_000;
/** So many of the dearest rules are named. */
const namedRules = 4;

/** How many values there may be of a schema's parts for each value of its own; undefined where nothing limits them. */
export function cardinalityFactor({
  type,
  additionalProperties,
  maxProperties,
  maxItems,
}: JsonSchema): number | undefined {
  if (type === "array") return maxItems;
  if (type === "object" && additionalProperties !== undefined) return maxProperties;
  return 1;
}

/** As many values as fit into a request. */
export function cardinalityOfSize(minSizeBytes: number): number {
  return Math.floor(maxRequestBytes / (minSizeBytes + 1));
}

function factorText(factor: number): string {
  if (factor > 100) return "more than 100x";
  return factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
}

function excessText(what: string, cost: number, limit: number): string {
  return `${what} exceeds budget by factor of ${factorText(cost / limit)} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** Adds up what the rules of one schema cost. */
export class RuleBudget {
  #total = 0;
  readonly #dearest: Array<{ readonly field: string; readonly cost: number }> = [];

  /** The error of a rule or message that costs too much alone. */
  spend(field: string, what: "rule" | "messageExpression", cost: number): readonly FieldError[] {
    this.#total += cost;
    if (cost >= schemaLimit / 100) {
      this.#dearest.push({ field, cost });
      this.#dearest.sort((left, right) => right.cost - left.cost);
      this.#dearest.length = Math.min(this.#dearest.length, namedRules);
    }
    return cost > ruleLimit
      ? [forbiddenField(field, excessText(`estimated ${what} cost`, cost, ruleLimit))]
      : [];
  }

  /** The errors of all rules together, at the end. */
  finish(schemaField: string): readonly FieldError[] {
    if (this.#total <= schemaLimit) return [];
    const why = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
    const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
    return [
      ...this.#dearest.map(({ field }) => forbiddenField(field, why)),
      forbiddenField(schemaField, excessText(what, this.#total, schemaLimit)),
    ];
  }
}
