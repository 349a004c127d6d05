import { apiSchemas } from "../../supervisor/api/schema-set.ts";
import type { JsonObject, JsonValue } from "../../supervisor/apimachinery/json/json-value.ts";
import { isJsonObject } from "../../supervisor/apimachinery/json/json-value.ts";
import type { TypeSchema } from "../../supervisor/apimachinery/schema/schema.ts";
import type { RandomSource } from "../framework/random-source.ts";

const texts = [
  "",
  "a",
  "A",
  "a-b",
  "a.b",
  "example.com/x",
  "..",
  "/",
  "%2f",
  "%",
  "é",
  "\u0000",
  "\ud800",
  "💥",
  "100m",
  "1Gi",
  "-1",
  "1e400",
  "10.0.0.1",
  "::1",
  "10.0.0.0/8",
  "TCP",
  "Always",
  "http",
  "2026-01-01T00:00:00Z",
  "__proto__",
  "constructor",
  "toString",
  "$patch",
  "{{",
  "*/5 * * * *",
  "self.a[0].b",
  "x".repeat(300),
];
const numbers = [0, 1, -1, 80, 65_536, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, 0.5, -0];

export function strangeText(random: RandomSource): string {
  if (random.chance(0.7)) return random.pick(texts);
  const letters = random.list(12, () => String.fromCharCode(random.below(random.chance(0.9) ? 128 : 65_536)));
  return letters.join("");
}

export function strangeValue(random: RandomSource, depth = 3): JsonValue {
  return random.oneOf<JsonValue>(
    () => null,
    () => random.chance(0.5),
    () => random.pick(numbers),
    () => strangeText(random),
    () => (depth > 0 ? random.list(3, () => strangeValue(random, depth - 1)) : []),
    () => (depth > 0 ? strangeObject(random, depth - 1) : {}),
  );
}

function strangeObject(random: RandomSource, depth: number): JsonObject {
  const entries = random.list(3, () => [strangeText(random), strangeValue(random, depth)] as const);
  return Object.fromEntries(entries);
}

/** A value that a type takes, mostly. */
function typedValue(random: RandomSource, type: TypeSchema, depth: number): JsonValue {
  if (random.chance(0.03)) return strangeValue(random);
  switch (type.kind) {
    case "scalar":
      return scalarValue(random, type.scalar);
    case "list":
      return depth > 0 ? random.list(2, () => typedValue(random, type.items, depth)) : [];
    case "map":
      return Object.fromEntries(
        random.list(2, () => [strangeText(random), typedValue(random, type.values, depth)] as const),
      );
    case "object":
      return depth > 0 ? modelValue(random, type.model, depth - 1) : {};
  }
}

function scalarValue(random: RandomSource, scalar: string): JsonValue {
  if (scalar === "bool") return random.chance(0.5);
  if (scalar === "int32" || scalar === "int64" || scalar === "double") return random.pick(numbers);
  if (scalar === "any" || scalar === "intOrString") return strangeValue(random, 2);
  if (scalar === "bytes") return Buffer.from(strangeText(random)).toString("base64");
  return strangeText(random);
}

/** An object with some of the fields that a model has. */
export function modelValue(random: RandomSource, model: string, depth: number): JsonObject {
  const object: JsonObject = {};
  for (const { name, type, required } of apiSchemas.get(model).fields.values()) {
    if (random.chance(required ? 0.9 : 0.25)) object[name] = typedValue(random, type, depth);
  }
  return object;
}

/** A copy with some parts replaced, removed or doubled. */
export function mutated(random: RandomSource, value: JsonValue, rate: number): JsonValue {
  if (random.chance(rate)) return strangeValue(random);
  if (Array.isArray(value)) {
    const items = value.filter(() => !random.chance(rate)).map((item) => mutated(random, item, rate));
    return random.chance(rate) ? [...items, ...items] : items;
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    if (inner === undefined || random.chance(rate)) return [];
    return [[random.chance(rate / 4) ? strangeText(random) : key, mutated(random, inner, rate)] as const];
  });
  return Object.fromEntries(entries);
}

/** Bytes with some of them changed, removed or doubled. */
export function mutatedBytes(random: RandomSource, bytes: Uint8Array): Uint8Array {
  let result = Buffer.from(bytes);
  for (let count = random.below(4) + 1; count > 0; count--) {
    const at = random.below(result.length + 1);
    const [before, after] = [result.subarray(0, at), result.subarray(at)];
    result = random.oneOf<Buffer<ArrayBuffer>>(
      () => Buffer.concat([before, Buffer.from([random.below(256)]), after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(random.below(8))]),
      () => Buffer.concat([before, Buffer.from(strangeText(random)), after]),
      () => Buffer.concat([before, after.subarray(0, random.below(40)), after]),
      () => Buffer.from(before),
    );
  }
  return result;
}
