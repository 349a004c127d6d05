import { expect, test } from "bun:test";
import type { V1Container, V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { oomScoreAdjust } from "./oom-score.ts";

const nodeMemoryBytes = 1024 * 1024 * 1024;

function container(requests: Record<string, string>, limits: Record<string, string> = {}): V1Container {
  return { name: "c", resources: { requests, limits } };
}

function score(one: V1Container, spec: Partial<V1PodSpec> = {}): number {
  return oomScoreAdjust({ spec: { containers: [one], ...spec } }, one, nodeMemoryBytes);
}

test("oomScoreAdjust follows the quality of service and the share of the node's memory", () => {
  const both = { cpu: "1", memory: "128Mi" };
  expect(score(container({}))).toBe(1000);
  expect(score(container(both, both))).toBe(-997);
  expect(score(container({}), { priority: 2_000_001_000 })).toBe(-997);
  expect(score(container({ memory: "256Mi" }))).toBe(750);
  expect(score(container({ cpu: "1" }))).toBe(999);
  expect(score(container({ memory: "2Gi" }))).toBe(3);
  expect(score(container({ memory: "128Mi" }), { resources: { requests: { memory: "512Mi" } } })).toBe(500);
});

test("oomScoreAdjust spares a sidecar as long as what it serves", () => {
  const sidecar: V1Container = {
    name: "s",
    restartPolicy: "Always",
    resources: { requests: { memory: "1Mi" } },
  };
  expect(score(sidecar, { containers: [container({ memory: "512Mi" })], initContainers: [sidecar] })).toBe(
    500,
  );
});
