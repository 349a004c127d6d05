import { expect, test } from "bun:test";
import type { V1Pod } from "../api/generated/types.ts";
import { toPodInfo } from "./node-info.ts";
import { SchedulerCache } from "./scheduler-cache.ts";

function pod(nodeName?: string, phase = "Pending"): V1Pod {
  const spec = { containers: [{ name: "c", resources: { requests: { cpu: "1" } } }] };
  return {
    metadata: { namespace: "default", name: "a", uid: "u" },
    spec: nodeName === undefined ? spec : { ...spec, nodeName },
    status: { phase },
  };
}

function cacheWithNode(): SchedulerCache {
  const cache = new SchedulerCache();
  cache.setNode({ metadata: { name: "n" }, status: { allocatable: { cpu: "2" } } });
  return cache;
}

test("an assumed Pod counts until it is forgotten, and an older state of it changes nothing", () => {
  const cache = cacheWithNode();
  cache.assume(toPodInfo(pod()), "n");
  cache.setPod(pod());
  expect(cache.nodes()[0]?.requested("cpu")).toBe(1000);
  cache.forget("default/a");
  expect(cache.nodes()[0]?.requested("cpu")).toBe(0);
  expect(cache.isPlaced("default/a")).toBe(false);
});

test("a Pod that the API shows on its node is not forgotten, and ends counting when it has ended", () => {
  const cache = cacheWithNode();
  cache.assume(toPodInfo(pod()), "n");
  cache.setPod(pod("n"));
  cache.forget("default/a");
  expect(cache.nodes()[0]?.requested("cpu")).toBe(1000);
  cache.setPod(pod("n", "Succeeded"));
  expect(cache.nodes()[0]?.requested("cpu")).toBe(0);
});

test("Pods on a node that is not known yet count once it is", () => {
  const cache = new SchedulerCache();
  cache.setPod(pod("n"));
  expect(cache.nodes()).toEqual([]);
  cache.setNode({ metadata: { name: "n" } });
  expect(cache.nodes()[0]?.requested("cpu")).toBe(1000);
  cache.removeNode("n");
  expect(cache.nodes()).toEqual([]);
});
