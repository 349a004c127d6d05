import { expect, test } from "bun:test";
import fc from "../../../test/framework/fast-check.ts";
import { ApiError } from "../errors.ts";
import { cloneJson, isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import type { ApiObject } from "../object-meta.ts";
import { type ApplyRequest, applyConfig } from "./apply.ts";
import { type FieldWrite, trackUpdate } from "./field-manager.ts";
import { matchingPaths, noFields, setOfPaths } from "./field-set.ts";
import type { MergeList, MergeType } from "./merge-type.ts";

const text: MergeType = { scalar: "string" };
const number: MergeType = { scalar: "numeric" };

function struct(fields: Readonly<Record<string, MergeType>>, isAtomic = false): MergeType {
  return { map: { isAtomic, field: (name) => fields[name], entries: undefined } };
}

function list(type: MergeList["type"], items: MergeType, keys: readonly string[] = []): MergeType {
  return { list: { type, keys, items, keyDefaults: { protocol: "TCP" } } };
}

const labels: MergeType = { map: { isAtomic: false, field: () => undefined, entries: text } };
const ports = struct({ port: number, protocol: text, name: text });
const kind = struct({
  apiVersion: text,
  kind: text,
  metadata: struct({ name: text, labels, annotations: labels, finalizers: list("set", text) }),
  spec: struct({
    replicas: number,
    selector: struct({ app: text }, true),
    args: list("atomic", text),
    ports: list("map", ports, ["port", "protocol"]),
    tags: list("set", text),
  }),
  status: struct({ phase: text }),
});

function write(manager: string, more: Partial<FieldWrite> = {}): FieldWrite {
  return {
    type: kind,
    apiVersion: "v1",
    subresource: "",
    manager,
    now: "2026-01-01T00:00:00Z",
    resetFields: noFields,
    ...more,
  };
}

function request(manager: string, force = false, more: Partial<FieldWrite> = {}): ApplyRequest {
  return {
    ...write(manager, more),
    kind: "Thing",
    namespace: "default",
    name: "a",
    force,
    // The merged fields are those of an object of this kind.
    finish: (merged) => withoutNulls(merged) as unknown as ApiObject,
  };
}

/** What decoding makes of nulls. */
function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([key, field]) => [key, withoutNulls(field ?? null)]));
}

function config(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: "v1", kind: "Thing", metadata: { name: "a", ...metadata }, spec };
}

function apply(live: ApiObject | undefined, spec: JsonObject, manager: string, force = false): ApiObject {
  return applyConfig(cloneObject(live), cloneJson(config(spec)), request(manager, force));
}

function cloneObject<T extends ApiObject | undefined>(object: T): T {
  // An object is JSON.
  return cloneJson(object as unknown as JsonObject | undefined) as unknown as T;
}

function update(
  live: ApiObject,
  spec: JsonObject,
  manager: string,
  more: Partial<FieldWrite> = {},
): ApiObject {
  const object = { ...cloneObject(live), spec };
  trackUpdate(live, object, write(manager, more));
  return object;
}

function fieldsOf(object: ApiObject, manager: string): unknown {
  return object.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;
}

test("who creates an object owns what was given, and nobody its name", () => {
  // This is an object of the kind.
  const object = config({
    replicas: 1,
    selector: { app: "x" },
    args: ["a"],
    tags: ["t"],
  }) as unknown as ApiObject;
  trackUpdate(undefined, object, write("creator"));
  expect(object.metadata.managedFields).toEqual([
    {
      manager: "creator",
      operation: "Update",
      apiVersion: "v1",
      time: "2026-01-01T00:00:00Z",
      fieldsType: "FieldsV1",
      fieldsV1: {
        "f:spec": {
          ".": {},
          "f:args": {},
          "f:replicas": {},
          "f:selector": {},
          "f:tags": { ".": {}, 'v:"t"': {} },
        },
      },
    },
  ]);
});

test("items are named by their keys, those left out by their default", () => {
  const object = apply(undefined, { ports: [{ port: 80, name: "web" }] }, "one");
  expect(fieldsOf(object, "one")).toEqual({
    "f:spec": { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:name": {}, "f:port": {} } } },
  });
});

test("applying what somebody else owns is a conflict, unless it is the same or forced", () => {
  const first = apply(undefined, { replicas: 1, tags: ["a"] }, "one");
  const same = apply(first, { replicas: 1 }, "two");
  expect(fieldsOf(same, "two")).toEqual({ "f:spec": { "f:replicas": {} } });
  expect(fieldsOf(same, "one")).toEqual({ "f:spec": { "f:replicas": {}, "f:tags": { 'v:"a"': {} } } });
  try {
    apply(same, { replicas: 2 }, "three");
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.code).toBe(409);
    expect(error.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.replicas\nconflicts with "two":\n- .spec.replicas',
    );
    expect(error.status.details?.causes?.[0]).toEqual({
      reason: "FieldManagerConflict",
      message: 'conflict with "one"',
      field: ".spec.replicas",
    });
  }
  const forced = apply(same, { replicas: 2 }, "three", true);
  expect(forced.spec).toEqual({ replicas: 2, tags: ["a"] });
  expect(fieldsOf(forced, "one")).toEqual({ "f:spec": { "f:tags": { 'v:"a"': {} } } });
  expect(fieldsOf(forced, "two")).toBeUndefined();
});

test("what a manager applies no more is removed, unless somebody else owns it", () => {
  const first = apply(undefined, { replicas: 1, tags: ["a", "b"], ports: [{ port: 1 }, { port: 2 }] }, "one");
  const shared = apply(first, { tags: ["b"], ports: [{ port: 2, name: "two" }] }, "two");
  const last = apply(shared, { replicas: 1 }, "one");
  expect(last.spec).toEqual({ replicas: 1, tags: ["b"], ports: [{ port: 2, name: "two" }] });
  const updated = update(shared, { ...(shared.spec as JsonObject), replicas: 5 }, "editor");
  expect(apply(updated, { tags: ["a"] }, "one").spec).toMatchObject({ replicas: 5, tags: ["a", "b"] });
});

test("before anybody has applied, the fields belong to one manager", () => {
  const live = config({ replicas: 1 }) as unknown as ApiObject;
  live.metadata.uid = "u";
  expect(() => apply(live, { replicas: 2 }, "one")).toThrow(
    'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .spec.replicas',
  );
  trackUpdate(live, live, write("editor"));
  expect(live.metadata.managedFields).toBeUndefined();
});

test("kubectl takes over what its client-side apply has set, and keeps the annotation true", () => {
  const given = config({ replicas: 1 }, { annotations: {} });
  const live = cloneJson(given) as unknown as ApiObject;
  live.metadata.annotations = {
    "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(given),
  };
  trackUpdate(undefined, live, write("kubectl-client-side-apply"));
  expect(() => apply(live, { replicas: 2 }, "other")).toThrow("kubectl-client-side-apply");
  const taken = apply(live, { replicas: 2 }, "kubectl");
  expect(taken.spec).toEqual({ replicas: 2 });
  const renewed = taken.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"];
  expect(renewed).toBe('{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a"},"spec":{"replicas":2}}\n');
});

test("an update takes what it changes, gives up nothing else, and joins the eldest of too many", () => {
  let object = apply(undefined, { replicas: 0, tags: ["x"] }, "applier");
  for (let index = 1; index <= 12; index++) {
    const tags = [...Array(index).keys()].map(String);
    object = update(object, { replicas: index, tags }, `m${String(index).padStart(2, "0")}`);
  }
  const updaters = (object.metadata.managedFields ?? []).filter(({ operation }) => operation === "Update");
  expect(updaters.length).toBe(10);
  expect(updaters.map(({ manager }) => manager)).toContain("ancient-changes");
  expect(fieldsOf(object, "m12")).toEqual({ "f:spec": { "f:replicas": {}, "f:tags": { 'v:"11"': {} } } });
  expect(fieldsOf(object, "applier")).toBeUndefined();
});

test("fields that the strategy sets back are nobody's, and subresources have entries of their own", () => {
  const live = apply(undefined, { replicas: 1 }, "one");
  const object = { ...cloneObject(live), spec: { replicas: 3 }, status: { phase: "Up" } };
  const resetFields = setOfPaths([["f:spec"]]);
  trackUpdate(live, object, write("two", { subresource: "status", resetFields }));
  expect(fieldsOf(object, "one")).toEqual({ "f:spec": { "f:replicas": {} } });
  expect(object.metadata.managedFields?.find(({ manager }) => manager === "two")).toMatchObject({
    subresource: "status",
    fieldsV1: { "f:status": { ".": {}, "f:phase": {} } },
  });
});

test("a client may forget managers, or set them, but not break them", () => {
  const live = apply(undefined, { replicas: 1 }, "one");
  const after = (managedFields: ApiObject["metadata"]["managedFields"]) => {
    const object = cloneObject(live);
    if (managedFields === undefined) delete object.metadata.managedFields;
    else object.metadata.managedFields = managedFields;
    trackUpdate(live, object, write("two"));
    return object.metadata.managedFields;
  };
  expect(after(undefined)).toEqual(live.metadata.managedFields ?? []);
  expect(after([])).toBeUndefined();
  expect(after([{}])).toBeUndefined();
  expect(after([{ manager: "x", operation: "Bad" }])).toEqual(live.metadata.managedFields ?? []);
  const entry = { manager: "x", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1" };
  expect(after([{ ...entry, fieldsV1: { "f:spec": { "f:tags": {}, "f:args": {}, "z:what": {} } } }])).toEqual(
    [{ ...entry, fieldsV1: { "f:spec": { "f:args": {}, "f:tags": {} } } }],
  );
});

test("a configuration that does not fit its type is refused in upstream's words", () => {
  const refused = (spec: JsonObject) => () => apply(undefined, spec, "one");
  const start = "failed to create typed patch object (default/a; v1, Kind=Thing): ";
  expect(refused({ nope: 1 })).toThrow(`${start}.spec.nope: field not declared in schema`);
  expect(refused({ replicas: "3" })).toThrow(
    `${start}.spec.replicas: expected numeric (int or float), got string`,
  );
  expect(refused({ tags: ["a", "a"] })).toThrow(`${start}.spec.tags: duplicate entries for key [="a"]`);
  expect(refused({ ports: [{ port: 1, name: 2 }] })).toThrow(
    `${start}.spec.ports[port=1,protocol="TCP"].name: expected string, got &value.valueUnstructured{Value:2}`,
  );
});

const name = fc.constantFrom("a", "b", "c", "d");
const port = fc.record(
  { port: fc.constantFrom(1, 2, 3), protocol: fc.constantFrom("TCP", "UDP"), name },
  { requiredKeys: ["port"] },
);
const portKey = (item: { readonly port: number; readonly protocol?: string }) =>
  `${item.port}/${item.protocol ?? "TCP"}`;
const specs = fc.record(
  {
    replicas: fc.constantFrom(1, 2),
    selector: fc.record({ app: name }),
    args: fc.array(name, { maxLength: 3 }),
    tags: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    ports: fc.uniqueArray(port, { minLength: 1, maxLength: 4, selector: portKey }),
  },
  // A struct or list that is given empty is lost with the last part that others have given it, as upstream.
  { requiredKeys: ["replicas"] },
) as fc.Arbitrary<JsonObject>;

test("property: applying twice is applying once", () => {
  fc.assert(
    fc.property(specs, specs, specs, (first, second, third) => {
      const live = apply(apply(undefined, first, "one"), second, "two", true);
      const once = apply(live, third, "one", true);
      expect(apply(once, third, "one", true)).toEqual(once);
    }),
    { numRuns: 200 },
  );
});

test("property: an applied configuration is in the object, and its owner owns it alone or with others", () => {
  fc.assert(
    fc.property(specs, specs, (first, second) => {
      const object = apply(apply(undefined, first, "one"), second, "two", true);
      expect(() => apply(object, second, "two")).not.toThrow();
      if (second.replicas !== undefined) expect(object.spec).toMatchObject({ replicas: second.replicas });
      for (const tag of (second.tags ?? []) as string[]) {
        expect((object.spec as { tags: string[] }).tags).toContain(tag);
      }
    }),
    { numRuns: 200 },
  );
});

/** Lists in a fixed order: who comes first decides it. */
function unordered(object: ApiObject): unknown {
  const spec = { ...(object.spec as Record<string, unknown>) };
  for (const field of ["tags", "ports"]) {
    const items = spec[field];
    if (Array.isArray(items)) spec[field] = items.map((item) => JSON.stringify(item)).sort();
  }
  return { spec, managers: object.metadata.managedFields };
}

test("property: disjoint owners commute", () => {
  const ours = fc.record(
    { replicas: fc.constantFrom(1, 2), tags: fc.uniqueArray(fc.constantFrom("a", "b"), { minLength: 1 }) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonObject>;
  const theirs = fc.record(
    {
      args: fc.array(name, { minLength: 1 }),
      tags: fc.uniqueArray(fc.constantFrom("c", "d"), { minLength: 1 }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonObject>;
  fc.assert(
    fc.property(specs, ours, theirs, (base, left, right) => {
      const live = apply(undefined, base, "base");
      const one = apply(apply(live, left, "left", true), right, "right", true);
      const other = apply(apply(live, right, "right", true), left, "left", true);
      expect(unordered(one)).toEqual(unordered(other));
    }),
    { numRuns: 200 },
  );
});

test("matchingPaths keeps what lies on the way to a pattern, and below it", () => {
  const set = setOfPaths([
    ["f:spec"],
    ["f:spec", "f:list", 'k:{"n":1}'],
    ["f:spec", "f:list", 'k:{"n":1}', "f:a", "f:b"],
    ["f:spec", "f:list", 'k:{"n":2}', "f:c"],
    ["f:status"],
    ["f:spec", "f:list", 'k:{"n":3}'],
    ["f:spec", "f:list", 'k:{"n":3}', "f:c"],
  ]);
  expect(matchingPaths(set, [["f:spec", "f:list", "*", "f:a"]])).toEqual(
    setOfPaths([
      ["f:spec"],
      ["f:spec", "f:list", 'k:{"n":1}'],
      ["f:spec", "f:list", 'k:{"n":1}', "f:a", "f:b"],
      ["f:spec", "f:list", 'k:{"n":3}'],
    ]),
  );
});

test("a list that has become one value has one owner, who had parts of it", () => {
  const live = apply(undefined, { replicas: 1, tags: ["a"] }, "one");
  const atomic = struct({
    apiVersion: text,
    kind: text,
    metadata: struct({ name: text }),
    spec: struct({ replicas: number, tags: list("atomic", text) }),
  });
  const object = { ...cloneObject(live), spec: { replicas: 1, tags: ["b"] } };
  trackUpdate(live, object, write("two", { type: atomic, typeIn: () => atomic }));
  expect(fieldsOf(object, "one")).toEqual({ "f:spec": { "f:replicas": {} } });
  expect(fieldsOf(object, "two")).toEqual({ "f:spec": { "f:tags": {} } });
});
