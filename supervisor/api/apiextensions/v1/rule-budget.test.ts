import { expect, test } from "bun:test";
import type { JsonSchema } from "../../../apimachinery/structural/json-schema.ts";
import { ruleErrors } from "./rule-validation.ts";

const advice =
  "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
const path = "spec.validation.openAPIV3Schema";

function errors(spec: JsonSchema) {
  return ruleErrors({ type: "object", properties: { spec } }, path).map(({ field, body }) => [field, body]);
}

function listOf(items: JsonSchema, rule: string, maxItems?: number): JsonSchema {
  return {
    type: "array",
    items,
    "x-kubernetes-validations": [{ rule }],
    ...(maxItems === undefined ? {} : { maxItems }),
  };
}

test("a rule that may cost too much is refused, until the schema says how much there can be", () => {
  const pairs = "self.all(x, self.exists_one(y, x == y))";
  const text: JsonSchema = { type: "string", maxLength: 20 };
  const place = `${path}.properties[spec].x-kubernetes-validations[0].rule`;
  const excess = `Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${advice}`;
  const total =
    "Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
  expect(errors(listOf(text, pairs))).toEqual([
    [place, excess],
    [place, total],
    [
      path,
      `Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${advice}`,
    ],
  ]);
  expect(errors(listOf(text, pairs, 50))).toEqual([]);
});

test("a rule counts for each value that there may be", () => {
  const rule = { rule: "self.contains('a')" };
  const item: JsonSchema = { type: "string", "x-kubernetes-validations": [rule] };
  const list: JsonSchema = { type: "array", items: item };
  const place = `${path}.properties[spec].items.x-kubernetes-validations[0].rule`;
  expect(errors(list).map(([field]) => field)).toEqual([place, place, path]);
  expect(errors({ ...list, maxItems: 10 })).toEqual([]);
});
