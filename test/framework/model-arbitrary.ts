import fc from "fast-check";
import type { JsonValue } from "../../supervisor/apimachinery/json/json-value.ts";
import type { ScalarType, SchemaSet, TypeSchema } from "../../supervisor/apimachinery/schema/schema.ts";

const texts = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    "A",
    "web-1",
    "example.com/x",
    "TCP",
    "Always",
    "100m",
    "1Gi",
    "..",
    "/",
    "=",
    "-",
    "é",
  ),
  fc.string({ maxLength: 12 }),
);

/** What cannot be read at all, seldom: else nothing but the reading would be tried. */
function rarely(wrong: string, right: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  return fc.oneof({ weight: 1, arbitrary: fc.constant(wrong) }, { weight: 99, arbitrary: right });
}

const scalars: Readonly<Record<ScalarType, fc.Arbitrary<JsonValue>>> = {
  string: texts,
  bytes: fc.base64String({ maxLength: 16 }),
  bool: fc.boolean(),
  int32: fc.oneof(fc.constantFrom(0, 1, 80, -1, 65536), fc.integer()),
  int64: fc.oneof(fc.constantFrom(0, 1, 30, -1), fc.maxSafeInteger()),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  time: rarely("no time", fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5+02:00")),
  microTime: rarely("no time", fc.constant("2026-01-01T00:00:00.000001Z")),
  quantity: rarely("x", fc.constantFrom<JsonValue[]>("1", "0", "-1", "100m", "1.5Gi", 2, "1e3")),
  intOrString: fc.constantFrom<JsonValue[]>(0, 80, "http", "", "50%"),
  any: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
};

/** Values that a model takes, mostly: fields are there or not, sensible or strange. */
function typeArbitrary(schemas: SchemaSet, type: TypeSchema, depth: number): fc.Arbitrary<JsonValue> {
  switch (type.kind) {
    case "scalar":
      return scalars[type.scalar];
    case "list":
      return fc.array(typeArbitrary(schemas, type.items, depth), { maxLength: depth > 0 ? 2 : 0 });
    case "map":
      return fc.dictionary(texts, typeArbitrary(schemas, type.values, depth), { maxKeys: 2 });
    case "object":
      return depth > 0 ? modelArbitrary(schemas, type.model, depth - 1) : fc.constant({});
  }
}

export function modelArbitrary(schemas: SchemaSet, model: string, depth: number): fc.Arbitrary<JsonValue> {
  const fields = Array.from(schemas.get(model).fields.values());
  return fc
    .shuffledSubarray(fields, { maxLength: Math.min(6, fields.length) })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(
          chosen.map(({ name, type }) => [
            name,
            fc.oneof(
              { weight: 19, arbitrary: typeArbitrary(schemas, type, depth) },
              { weight: 1, arbitrary: fc.constant(null) },
            ),
          ]),
        ),
      ),
    ) as fc.Arbitrary<JsonValue>;
}
