import { expect, test } from "bun:test";
import { checkDnsLabel, checkEnvName, checkPortName, checkQualifiedName } from "./formats.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "./object-meta.ts";

test("checkDnsLabel complains in kube-apiserver's words", () => {
  expect(checkDnsLabel("web-1")).toEqual([]);
  expect(checkDnsLabel("a.b")).toEqual(["must not contain dots"]);
  expect(checkDnsLabel("A")).toEqual([
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
  expect(checkDnsLabel("a".repeat(64))).toEqual(["must be no more than 63 bytes"]);
});

test("checkQualifiedName takes one prefix", () => {
  expect(checkQualifiedName("example.com/Name")).toEqual([]);
  expect(checkQualifiedName("/a")).toEqual(["prefix part must be non-empty"]);
  expect(checkQualifiedName("a/b/c")[0]).toStartWith("a valid label key must consist of");
});

test("checkPortName and checkEnvName refuse what cannot be used", () => {
  expect(checkPortName("http-1")).toEqual([]);
  expect(checkPortName("1")).toEqual(["must contain at least one letter (a-z)"]);
  expect(checkEnvName("A B.c-1")).toEqual([]);
  expect(checkEnvName("A=B")).toHaveLength(1);
});

test("validateObjectMeta names each wrong field", () => {
  const errors = validateObjectMeta(
    {
      name: "A",
      namespace: "default",
      labels: { "-": "x y" },
      finalizers: ["orphan", "foregroundDeletion"],
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "a" }],
    },
    { namespaced: true, checkName: checkDnsLabel },
  );
  expect(errors.map((error) => error.field)).toEqual([
    "metadata.name",
    "metadata.labels",
    "metadata.labels",
    "metadata.ownerReferences[0].uid",
    "metadata.finalizers",
  ]);
});

test("validateObjectMeta wants finalizers with a domain where it is told to", () => {
  const meta = { name: "a", finalizers: ["example.com/a", "orphan", "a"] };
  const rules = { namespaced: false, checkName: checkDnsLabel };
  expect(validateObjectMeta(meta, rules)).toEqual([]);
  const errors = validateObjectMeta(meta, { ...rules, qualifiedFinalizers: true });
  expect(errors.map((error) => `${error.field}: ${error.body}`)).toEqual([
    'metadata.finalizers[2]: Invalid value: "a": name is neither a standard finalizer name nor is it fully qualified',
  ]);
});

test("validateObjectMeta takes a generateName that ends in a dash", () => {
  const meta = { generateName: "web-", name: "web-abcde" };
  expect(validateObjectMeta(meta, { namespaced: false, checkName: checkDnsLabel })).toEqual([]);
});

test("validateObjectMetaUpdate keeps identity, and finalizers of what is being deleted", () => {
  const old = { name: "a", uid: "1", resourceVersion: "5", deletionTimestamp: "2026-01-01T00:00:00Z" };
  const errors = validateObjectMetaUpdate({ ...old, uid: "2", finalizers: ["x"] }, old);
  expect(errors.map((error) => `${error.field}: ${error.body}`)).toEqual([
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x"}',
    'metadata.uid: Invalid value: "2": field is immutable',
  ]);
});
