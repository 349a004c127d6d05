import { expect, test } from "bun:test";
import type { JsonObject } from "../json/json-value.ts";
import { SchemaSet } from "../schema/schema.ts";
import { applyJsonPatch, PatchError } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

const schemas = new SchemaSet({
  Pod: "metadata Meta;spec Spec",
  Meta: "labels {}string;finalizers []string merge=",
  Spec: "containers []Container merge=name;args []string;volumes []Volume merge=name retainKeys",
  Container: "name string;image string;env []Env merge=name",
  Env: "name string;value string",
  Volume: "name string;emptyDir Empty;secret Secret",
  Empty: "medium string",
  Secret: "secretName string",
});

function patched(target: JsonObject, patch: JsonObject): JsonObject {
  return applyStrategicMergePatch(schemas, "Pod", structuredClone(target), patch);
}

test("applyMergePatch follows the cases of RFC 7396", () => {
  const cases: ReadonlyArray<readonly [unknown, unknown, unknown]> = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [["a"], { a: 1 }, { a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: "foo" }, null, null],
  ];
  for (const [target, patch, result] of cases) {
    expect(applyMergePatch(target as never, patch as never)).toEqual(result as never);
  }
});

test("applyJsonPatch applies operations and refuses what does not fit", () => {
  expect(applyJsonPatch({ a: [1, 2] }, [{ op: "add", path: "/a/1", value: 9 }] as never)).toEqual({
    a: [1, 9, 2],
  });
  expect(() => applyJsonPatch({}, [{ op: "remove", path: "/a" }] as never)).toThrow(PatchError);
  expect(() => applyJsonPatch({ a: 1 }, [{ op: "test", path: "/a", value: 2 }] as never)).toThrow(PatchError);
  expect(() => applyJsonPatch({}, { op: "add" } as never)).toThrow(PatchError);
  expect(() => applyJsonPatch({}, [{ op: "add", path: "/__proto__/a", value: 1 }] as never)).toThrow(
    PatchError,
  );
});

test("applyStrategicMergePatch merges lists by their key, depth first", () => {
  const target = {
    spec: { containers: [{ name: "a", image: "1", env: [{ name: "X", value: "1" }] }, { name: "b" }] },
  };
  const patch = {
    spec: { containers: [{ name: "a", image: "2", env: [{ name: "Y", value: "2" }] }, { name: "c" }] },
  };
  expect(patched(target, patch)).toEqual({
    spec: {
      containers: [
        {
          name: "a",
          image: "2",
          env: [
            { name: "X", value: "1" },
            { name: "Y", value: "2" },
          ],
        },
        { name: "b" },
        { name: "c" },
      ],
    },
  });
});

test("applyStrategicMergePatch minds its directives", () => {
  const containers = [{ name: "a" }, { name: "b" }, { name: "c" }];
  const target = { metadata: { finalizers: ["x", "y"] }, spec: { containers, args: ["1"] } };
  expect(patched(target, { spec: { containers: [{ name: "b", $patch: "delete" }] } }).spec).toEqual({
    containers: [{ name: "a" }, { name: "c" }],
    args: ["1"],
  });
  expect(
    patched(target, { spec: { containers: [{ $patch: "replace" }, { name: "z" }], args: ["2"] } }).spec,
  ).toEqual({
    containers: [{ name: "z" }],
    args: ["2"],
  });
  expect(
    patched(target, { metadata: { "$deleteFromPrimitiveList/finalizers": ["x"], finalizers: ["z"] } })
      .metadata,
  ).toEqual({ finalizers: ["y", "z"] });
  expect(patched(target, { spec: { $patch: "replace", args: ["9"] } }).spec).toEqual({ args: ["9"] });
});

test("applyStrategicMergePatch keeps only what $retainKeys names", () => {
  const target = { spec: { volumes: [{ name: "v", emptyDir: {} }] } };
  const volume = { name: "v", $retainKeys: ["name", "secret"], secret: { secretName: "s" } };
  expect(patched(target, { spec: { volumes: [volume] } })).toEqual({
    spec: { volumes: [{ name: "v", secret: { secretName: "s" } }] },
  });
});

test("applyStrategicMergePatch orders lists as it is told", () => {
  const target = { spec: { containers: [{ name: "own" }, { name: "a" }, { name: "b" }] } };
  const patch = {
    spec: {
      "$setElementOrder/containers": [{ name: "b" }, { name: "a" }, { name: "c" }],
      containers: [{ name: "c" }],
    },
  };
  expect(patched(target, patch)).toEqual({
    spec: { containers: [{ name: "own" }, { name: "b" }, { name: "a" }, { name: "c" }] },
  });
});

test("applyStrategicMergePatch refuses items without their key", () => {
  expect(() => patched({}, { spec: { containers: [{ image: "x" }] } })).toThrow(
    "map: map[image] does not contain declared merge key: name",
  );
});
