import { expect, test } from "bun:test";
import type { JsonObject } from "../json/json-value.ts";
import { Correlation } from "./correlation.ts";
import type { JsonSchema, ValidationRule } from "./json-schema.ts";
import { RuleValidator } from "./rule-validator.ts";
import { structuralOf } from "./structural.ts";

function check(schema: JsonSchema, object: JsonObject, old?: JsonObject): readonly string[] {
  const structural = structuralOf(schema);
  const correlation = old && new Correlation(object, old, structural);
  const errors = RuleValidator.ofRoot(structural)?.validate(object, old, correlation) ?? [];
  return errors.map(({ field, body }) => `${field}: ${body}`);
}

function spec(rules: readonly ValidationRule[], properties: Record<string, JsonSchema> = {}): JsonSchema {
  const fields = { min: { type: "integer" }, max: { type: "integer" }, ...properties };
  return {
    type: "object",
    properties: { spec: { type: "object", properties: fields, "x-kubernetes-validations": rules } },
  };
}

test("a rule that does not hold says so at its value, by its message or its expression", () => {
  const rule = "self.min <= self.max";
  const object = { spec: { min: 2, max: 1 } };
  expect(check(spec([{ rule }]), object)).toEqual(["spec: Invalid value: failed rule: self.min <= self.max"]);
  expect(check(spec([{ rule, message: "too large" }]), { spec: { min: 1, max: 2 } })).toEqual([]);
  const described = {
    rule,
    messageExpression: "'%d is above %d'.format([self.min, self.max])",
    reason: "FieldValueForbidden",
    fieldPath: ".min",
  };
  expect(check(spec([described]), object)).toEqual(["spec.min: Forbidden: 2 is above 1"]);
});

test("scalars are shown, failures are explained, and the metadata's name is known at the root", () => {
  const min = { type: "integer", "x-kubernetes-validations": [{ rule: "self > 3", message: "too small" }] };
  expect(check(spec([], { min }), { spec: { min: 1 } })).toEqual(["spec.min: Invalid value: 1: too small"]);
  expect(check(spec([{ rule: "self.min > 0" }]), { spec: {} })).toEqual([
    'spec: Invalid value: "object": no such key: min evaluating rule: self.min > 0',
  ]);
  const root = { type: "object", "x-kubernetes-validations": [{ rule: "self.metadata.name == 'a'" }] };
  expect(check(root, { metadata: { name: "b" } })).toEqual([
    "<nil>: Invalid value: failed rule: self.metadata.name == 'a'",
  ]);
});

test("rules of change compare with what stood there, found by its keys in lists", () => {
  const immutable = { rule: "self == oldSelf", message: "immutable" };
  const item = { type: "object", properties: { key: { type: "string" }, value: { type: "string" } } };
  const list: JsonSchema = {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["key"],
    items: { ...item, "x-kubernetes-validations": [immutable] },
  };
  const old = {
    spec: {
      list: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
    },
  };
  const next = {
    spec: {
      list: [
        { key: "b", value: "3" },
        { key: "c", value: "1" },
      ],
    },
  };
  expect(check(spec([], { list }), next, old)).toEqual(["spec.list[0]: Invalid value: immutable"]);
  const optional = {
    rule: "oldSelf.hasValue() || self.min == 0",
    message: "starts at 0",
    optionalOldSelf: true,
  };
  expect(check(spec([optional]), { spec: { min: 1 } })).toEqual(["spec: Invalid value: starts at 0"]);
  expect(check(spec([optional]), { spec: { min: 1 } }, { spec: { min: 0 } })).toEqual([]);
});

test("what was wrong already and is the same does not hinder an update", () => {
  const schema = spec([{ rule: "self.min <= self.max" }], { list: { type: "integer" } });
  const wrong = { min: 2, max: 1 };
  expect(check({ ...schema }, { spec: wrong, other: 1 }, { spec: wrong })).toEqual([]);
  expect(check(schema, { spec: { ...wrong, list: 1 } }, { spec: wrong })).toHaveLength(1);
});

test("a text that is not of its format is an error, not a fault", () => {
  const since = {
    type: "string",
    format: "date-time",
    "x-kubernetes-validations": [{ rule: "self.getHours() < 24" }],
  };
  const errors = check(spec([], { since }), { spec: { since: "yesterday" } });
  expect(errors).toEqual([
    'spec.since: Invalid value: "string": Invalid date-time formatted string yesterday, value',
  ]);
});

test("rules that cost too much are ended", () => {
  const list: JsonSchema = { type: "array", items: { type: "integer" } };
  const rule = "self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))";
  const errors = check(spec([{ rule }], { list }), { spec: { list: Array.from({ length: 150 }, () => 1) } });
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain("call cost exceeds limit for rule: self.list.all");
});
