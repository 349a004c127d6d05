import { expect, test } from "bun:test";
import { decodeModel } from "./decode.ts";
import { SchemaSet } from "./schema.ts";

const schemas = new SchemaSet({
  V1Pod: "kind string;metadata V1Meta;spec V1PodSpec",
  V1Meta: "labels {}string;finalizers []string;owners []string written;creationTimestamp time",
  V1PodSpec:
    "containers! []V1Container merge=name;limits {}quantity;hostNetwork bool;renewed microTime;dnsPolicy string",
  V1Container: "name! string;port int32;target intOrString;data {}bytes;raw any",
});

function decode(object: object) {
  const copy = structuredClone(object) as never;
  const result = decodeModel(schemas, "V1Pod", copy, { "PodSpec.dnsPolicy": "v1.DNSPolicy" });
  return { object: copy as object, unknown: result.unknownFields, count: result.fieldCount };
}

test("decodeModel keeps what the model has and names the rest", () => {
  const { object, unknown, count } = decode({
    kind: "Pod",
    extra: { a: 1 },
    spec: { containers: [{ name: "a", typo: [{ b: 1 }] }], hostNetwork: null },
  });
  expect(object).toEqual({ kind: "Pod", spec: { containers: [{ name: "a" }] } });
  expect(unknown).toEqual(["extra", "spec.containers[0].typo"]);
  expect(count).toBe(9);
});

test("decodeModel drops empty lists and maps, but for those that are always written, which are null", () => {
  const { object, count } = decode({
    metadata: { labels: {}, finalizers: [], owners: [] },
    spec: { containers: [], limits: {} },
  });
  expect(object).toEqual({ metadata: { owners: null }, spec: { containers: [] } });
  expect(count).toBe(7);
});

test("decodeModel drops zero values, but those of pointers, and writes what Go always writes", () => {
  const tables = new SchemaSet({
    V1A: "flag bool;text string;count int32;size int32 kept;list []string kept;any any;port intOrString;old! string omitted;b V1B;c V1B written;at time written;none []string written;amount quantity written",
    V1B: "name! string",
  });
  const zeros = {
    flag: false,
    text: "",
    count: 0,
    size: 0,
    list: [],
    any: 0,
    port: 0,
    old: "",
    b: {},
  };
  const always = { c: { name: "" }, at: null, none: null, amount: "0" };
  decodeModel(tables, "V1A", zeros);
  expect(zeros as object).toEqual({ size: 0, list: [], any: 0, port: 0, b: { name: "" }, ...always });
  const empty = {};
  decodeModel(tables, "V1A", empty);
  expect(empty).toEqual(always);
});

test("decodeModel takes a null in a list or map as the zero value of what it holds", () => {
  const tables = new SchemaSet({ V1A: "any []any;list []V1B;map {}int32;data {}bytes", V1B: "name! string" });
  const object = { any: [null, 1], list: [null], map: { a: null }, data: { a: null } };
  decodeModel(tables, "V1A", object);
  expect(object as object).toEqual({ any: [null, 1], list: [{ name: "" }], map: { a: 0 }, data: { a: "" } });
});

test("decodeModel brings times and quantities to the API's form", () => {
  const { object } = decode({
    metadata: { creationTimestamp: "2026-01-01T02:00:00.5+02:00", owners: [] },
    spec: { containers: [], limits: { cpu: 0.5, memory: "2048Mi" }, renewed: "2026-01-01T00:00:00.12Z" },
  });
  expect(object).toEqual({
    metadata: { creationTimestamp: "2026-01-01T00:00:00Z", owners: null },
    spec: { containers: [], limits: { cpu: "500m", memory: "2Gi" }, renewed: "2026-01-01T00:00:00.120000Z" },
  });
});

test("decodeModel gives required fields their zero values", () => {
  const { object } = decode({ spec: { containers: [{ port: 80 }] } });
  expect(object).toEqual({ spec: { containers: [{ name: "", port: 80 }] } });
});

test("decodeModel words a wrong type as kube-apiserver does", () => {
  const cases: ReadonlyArray<readonly [object, string]> = [
    [
      { spec: { containers: "a" } },
      "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container",
    ],
    [
      { spec: { containers: [{ port: "80" }] } },
      "json: cannot unmarshal string into Go struct field Container.spec.containers.port of type int32",
    ],
    [
      { spec: { containers: [{ port: 1.5 }] } },
      "json: cannot unmarshal number 1.5 into Go struct field Container.spec.containers.port of type int32",
    ],
    [
      { metadata: { labels: { a: true } } },
      "json: cannot unmarshal bool into Go struct field Meta.metadata.labels of type string",
    ],
    [
      { spec: { dnsPolicy: 1 } },
      "json: cannot unmarshal number into Go struct field PodSpec.spec.dnsPolicy of type v1.DNSPolicy",
    ],
    [
      { spec: { limits: { cpu: "x" } } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [{ spec: { containers: [{ data: { a: "YQ" } }] } }, "illegal base64 data at input byte 0"],
  ];
  for (const [object, message] of cases) expect(() => decode(object)).toThrow(message);
});
