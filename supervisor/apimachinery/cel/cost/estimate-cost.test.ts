import { expect, test } from "bun:test";
import { kubernetesEnvironment } from "../kubernetes-environment.ts";
import { schemaType, type TypeSchema } from "../schema-type.ts";
import { estimateCost } from "./estimate-cost.ts";

function estimate(schema: TypeSchema, rule: string): number {
  const type = schemaType(schema, "self");
  if (type === undefined) throw new Error("The schema has no type");
  const environment = kubernetesEnvironment.extend({ variables: { self: type.type }, objects: [type] });
  return estimateCost(rule, environment, type);
}

const array = (items: TypeSchema, maxItems?: number): TypeSchema => ({
  type: "array",
  items,
  ...(maxItems === undefined ? {} : { maxItems }),
});
const map = (additionalProperties: TypeSchema, maxProperties?: number): TypeSchema => ({
  type: "object",
  additionalProperties,
  ...(maxProperties === undefined ? {} : { maxProperties }),
});
const text = (maxLength?: number): TypeSchema => ({
  type: "string",
  ...(maxLength === undefined ? {} : { maxLength }),
});
const number: TypeSchema = { type: "number" };

// The figures are those that kube-apiserver comes to for the same schemas and rules.
test.each<readonly [TypeSchema, string, number]>([
  [array(number), "self.all(x, true)", 4_718_591],
  [array(number, 10), "self.all(x, true)", 32],
  [array(text()), "self.all(x, true)", 3_145_727],
  [array({ type: "boolean" }), "self.all(x, true)", 1_887_437],
  [array(array(number)), "self.all(x, true)", 3_145_727],
  [map(number), "self.all(x, true)", 1_348_169],
  [map(text(), 3), "self.all(x, true)", 11],
  [map(number), "has(self.x)", 0],
  [text(), "self.contains('test')", 314_574],
  [text(10), "self.contains('test')", 5],
  [text(), "self.startsWith('test')", 2],
  [text(), `size(self + "hello") > size("hello")`, 314_578],
  [text(4), `size(self + "hello") > size("hello")`, 7],
  [array(number), "self[1] == 0.0", 2],
  [array(text()), "self[1] == self[1]", 314_577],
  [array(number, 10), "self.all(x, self.all(y, true))", 352],
  [array(number, 10), "self.all(x, self.all(y, self.all(z, true)))", 3552],
  [text(), 'self.matches("x")', 314_574],
  [text(50), 'self.matches("x")', 22],
  [text(), '"".matches("(((((((((())))))))))[0-9]")', 7],
  [text(), 'self.matches("")', 1],
  [map(number), 'self["x"] == 0.0', 2],
  [text(), 'self == "x"', 2],
  [array(number), "self.all(x, x == 0.0)", 6_291_454],
  [array({ "x-kubernetes-int-or-string": true }), "self[0] == 5", 3],
  [array(array(number)), "self[0][0] == -1.0", 3],
  [array(text(), undefined), "self.all(x, true)", 3_145_727],
  [array({ type: "string", format: "duration" }), "self.all(x, true)", 2_359_295],
  [array({ type: "string", format: "duration" }), "self[0].getHours() == 2", 4],
  [array({ type: "string", format: "date" }), "self.all(x, true)", 725_936],
  [array({ type: "string", format: "date-time" }), "self[2].getMinutes() == 45", 4],
])("the greatest cost in %j of %s is %d", (schema, rule, cost) => {
  expect(estimate(schema, rule)).toBe(cost);
});

test("a rule over all pairs of an unlimited list has no bound to speak of", () => {
  expect(estimate(array(number), "self.all(x, self.all(y, true))")).toBeGreaterThan(10_000_000);
});
