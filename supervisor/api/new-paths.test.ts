import { expect, test } from "bun:test";
import { compareObjects } from "../apimachinery/fieldmanager/compare.ts";
import type { JsonObject } from "../apimachinery/json/json-value.ts";
import { builtInMergeType } from "./merge-types.ts";

const pod = builtInMergeType("V1Pod");

function newPod(name: string, image: string, port: number): JsonObject {
  return {
    metadata: { name, labels: { app: name } },
    spec: { containers: [{ name: "web", image, ports: [{ containerPort: port, protocol: "TCP" }] }] },
  };
}

const changed = (object: JsonObject) => compareObjects(pod, undefined, object).changed;

test("objects of the same fields and items share one set, whatever their values are", () => {
  const first = changed(newPod("a", "one", 80));
  expect(changed(newPod("b", "two", 80))).toBe(first);
  expect(Object.isFrozen(first["f:spec"])).toBe(true);
});

test("another item or field makes another set", () => {
  const first = changed(newPod("a", "one", 80));
  const second = changed(newPod("a", "one", 81));
  const ports = (set: typeof first) =>
    Object.keys(set["f:spec"]?.["f:containers"]?.['k:{"name":"web"}']?.["f:ports"] ?? {});
  expect(ports(first)).toEqual([".", 'k:{"containerPort":80,"protocol":"TCP"}']);
  expect(ports(second)).toEqual([".", 'k:{"containerPort":81,"protocol":"TCP"}']);
  const third = newPod("a", "one", 80);
  expect(changed({ ...third, spec: { ...(third.spec as JsonObject), nodeName: "n" } })).not.toEqual(first);
});

test("sets stay right when there are more forms than are kept", () => {
  for (const round of [1, 2])
    for (let port = 1; port <= 20; port++) {
      const text = JSON.stringify(changed(newPod("a", `${round}`, port)));
      expect(text).toContain(`\\"containerPort\\":${port},`);
    }
});
