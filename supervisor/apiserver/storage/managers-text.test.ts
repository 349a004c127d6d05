import { expect, test } from "bun:test";
import fc from "../../../test/framework/fast-check.ts";
import type { ManagedFieldsEntry } from "../../apimachinery/object-meta.ts";
import { managersText, StoredReader } from "./managers-text.ts";

const fields = (name: string) => ({ "f:spec": { ".": {}, [`k:{"name":"${name}"}`]: { "f:image": {} } } });

function entry(manager: string, name: string, subresource?: string): ManagedFieldsEntry {
  const time = "2026-01-01T00:00:00Z";
  const base = { manager, operation: "Update" as const, apiVersion: "v1", time, fieldsType: "FieldsV1" };
  return { ...base, fieldsV1: fields(name), ...(subresource === undefined ? {} : { subresource }) };
}

function stored(managers: readonly ManagedFieldsEntry[], rest = ""): string {
  return `{"metadata":{"name":"a","managedFields":${managersText(managers)}}${rest}}`;
}

test("managersText writes entries in the order of their fields", () => {
  const managers = [entry("one", "web"), entry("two", "web", "status")];
  expect(managersText(managers)).toBe(JSON.stringify(managers));
});

test("StoredReader reads what JSON.parse reads, and shares sets that are the same", () => {
  const reader = new StoredReader();
  const text = stored([entry("one", "web"), entry("two", "db", "status")], ',"spec":{"a":[1]}');
  const [first, second] = [reader.read(text), reader.read(text.replace('"a"', '"b"'))];
  expect(first).toEqual(JSON.parse(text));
  const sets = (object: typeof first) => object.metadata.managedFields?.map(({ fieldsV1 }) => fieldsV1);
  expect(sets(first)?.[0]).toBe(sets(second)?.[0] ?? {});
  expect(sets(first)?.[1]).toBe(sets(second)?.[1] ?? {});
  expect(Object.isFrozen(sets(first)?.[0]?.["f:spec"])).toBe(true);
});

test("StoredReader is not misled by objects that hold other objects", () => {
  const inner = `"managedFields":${managersText([entry("inner", "x"), entry("other", "y")])}`;
  for (const text of [
    `{"metadata":{"name":"a"},"spec":{"x":1,${inner}}}`,
    `{"metadata":{"name":"a","managedFields":[{"operation":"Apply"}]},"spec":{"x":1,${inner}}}`,
    stored([entry("one", "web")], `,"spec":{"x":1,${inner}}`),
    stored([entry("a]b", "web"), entry('c"]', "web")]),
    '{"metadata":{"name":"a","managedFields":[]}}',
  ]) {
    expect(new StoredReader().read(text)).toEqual(JSON.parse(text));
  }
});

test("property: StoredReader reads what JSON.parse reads", () => {
  const reader = new StoredReader();
  const names = fc.string({ maxLength: 6, unit: fc.constantFrom("a", '"', "\\", "]", "}", "{", ",", "é") });
  const entries = fc.array(fc.record({ manager: names, name: names, part: names }), { maxLength: 4 });
  fc.assert(
    fc.property(entries, names, (managers, rest) => {
      const list = managers.map(({ manager, name, part }) => entry(manager, name, part || undefined));
      const text = stored(list, `,"data":${JSON.stringify({ [rest]: list, fieldsV1: list })}`);
      expect(reader.read(text)).toEqual(JSON.parse(text));
    }),
  );
});
