import { expect, test } from "bun:test";
import fc from "../../../test/framework/fast-check.ts";
import { equalJson, isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { SchemaSet } from "../schema/schema.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { PatchError } from "./patch-error.ts";
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
  const inside = [{ op: "move", from: "/a", path: "/a/b" }];
  expect(() => applyJsonPatch({ a: { b: 1 } }, inside as never)).toThrow("moves a value into itself");
  expect(() => applyJsonPatch({}, [{ op: "add", path: "/__proto__/a", value: 1 }] as never)).toThrow(
    PatchError,
  );
});

test("applyStrategicMergePatch merges lists by their key, what is new first, depth first", () => {
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
            { name: "Y", value: "2" },
            { name: "X", value: "1" },
          ],
        },
        { name: "c" },
        { name: "b" },
      ],
    },
  });
  const orders: ReadonlyArray<readonly [string, string]> = [
    ["d", "dabc"],
    ["ca", "bca"],
    ["bd", "abdc"],
  ];
  for (const [order, result] of orders) {
    const named = (names: string) => [...names].map((name) => ({ name }));
    const merged = patched({ spec: { containers: named("abc") } }, { spec: { containers: named(order) } });
    expect(merged).toEqual({ spec: { containers: named(result) } });
  }
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
  ).toEqual({ finalizers: ["z", "y"] });
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
  expect(() => patched({ spec: { containers: [] } }, { spec: { containers: [{ image: "x" }] } })).toThrow(
    "map: map[image:x] does not contain declared merge key: name",
  );
});

test("applyStrategicMergePatch refuses directives that are none, and lists that cannot be ordered", () => {
  const target = {
    metadata: { labels: {}, finalizers: ["a"] },
    spec: { containers: [{ name: "a" }], args: ["1"] },
  };
  const cases: ReadonlyArray<readonly [JsonObject, string]> = [
    [{ spec: { $patch: "smash" } }, "unknown patch type: smash in map: map[$patch:smash]"],
    [
      { spec: { containers: [{ $patch: "merge", name: "a" }] } },
      "merging lists cannot yet be specified in the patch",
    ],
    [
      { spec: { containers: [{ $patch: "delete" }] } },
      "map: map[$patch:delete] does not contain declared merge key: name",
    ],
    [{ spec: { $setElementOrder: [] } }, "invalid patch format of setElementOrder list"],
    [{ metadata: { $deleteFromPrimitiveList: ["a"] } }, "invalid patch format of primitive list"],
    [{ spec: { $retainKeys: ["args"], containers: [] } }, "invalid patch format of retainKeys"],
    [{ metadata: { finalizers: [["a"]] } }, "lists of lists are not supported"],
    [
      { spec: { "$setElementOrder/containers": [{ name: "b" }], containers: [{ name: "a", image: "x" }] } },
      "The order in patch list:\n[map[image:x name:a]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
    ],
  ];
  for (const [patch, message] of cases) expect(() => patched(target, patch)).toThrow(message);
});

const letters = fc.constantFrom("a", "b", "c", "d");
const documents = fc.record(
  {
    metadata: fc.record({ labels: fc.dictionary(letters, letters) }),
    spec: fc.record(
      {
        args: fc.array(letters, { maxLength: 3 }),
        containers: fc.uniqueArray(fc.record({ name: letters, image: letters }, { requiredKeys: ["name"] }), {
          selector: ({ name }) => name,
          minLength: 1,
        }),
      },
      { requiredKeys: ["containers"] },
    ),
  },
  { requiredKeys: ["metadata", "spec"] },
) as fc.Arbitrary<JsonObject>;

/** A merge patch that makes the target of a document: RFC 7396. */
function mergeDiff(from: JsonValue | undefined, to: JsonValue): JsonValue {
  if (!isJsonObject(from) || !isJsonObject(to)) return to;
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (to[key] === undefined) patch[key] = null;
  for (const key of Object.keys(to)) {
    if (!equalJson(from[key], to[key])) patch[key] = mergeDiff(from[key], to[key] ?? null);
  }
  return patch;
}

/** As kubectl makes strategic patches: items that are gone are deleted, and the order is told. */
function strategicDiff(from: JsonObject, to: JsonObject): JsonObject {
  const [before, after] = [from, to].map(({ spec }) => containersOf(spec));
  const patch = mergeDiff(from, to) as JsonObject;
  const gone = (before ?? []).filter(({ name }) => !(after ?? []).some((item) => item.name === name));
  const changes = (after ?? []).map((item) => {
    const old = (before ?? []).find(({ name }) => name === item.name);
    return { ...(mergeDiff(old, item) as JsonObject), name: item.name ?? null };
  });
  const spec = {
    ...(isJsonObject(patch.spec) ? patch.spec : {}),
    "$setElementOrder/containers": (after ?? []).map(({ name }) => ({ name: name ?? null })),
    containers: [...changes, ...gone.map(({ name }) => ({ $patch: "delete", name: name ?? null }))],
  };
  return { ...patch, spec };
}

function containersOf(spec: JsonValue | undefined): readonly JsonObject[] {
  const containers = isJsonObject(spec) ? spec.containers : [];
  return Array.isArray(containers) ? containers.filter(isJsonObject) : [];
}

test("property: the patch of a difference makes the target, and makes it again", () => {
  fc.assert(
    fc.property(documents, documents, (from, to) => {
      const merged = applyMergePatch(structuredClone(from), mergeDiff(from, to));
      expect(merged).toEqual(to);
      const diff = strategicDiff(from, to);
      const once = patched(from, diff);
      expect(once).toEqual(to);
      expect(patched(once, diff)).toEqual(to);
    }),
    { numRuns: 200 },
  );
});
