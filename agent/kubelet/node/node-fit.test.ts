import { expect, test } from "bun:test";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { NodeFit } from "./node-fit.ts";

function pod(uid: string, requests: Record<string, string> = {}): V1Pod {
  return { metadata: { name: uid, uid }, spec: { containers: [{ name: "c", resources: { requests } }] } };
}

test("NodeFit counts what Pods request, each once, and gives it back", () => {
  const fit = new NodeFit(() => ({ cpu: "2", memory: "1Gi", pods: "3" }));
  expect(fit.admit(pod("a", { cpu: "1500m" }))).toBeUndefined();
  expect(fit.admit(pod("a", { cpu: "1500m" }))).toBeUndefined();
  expect(fit.admit(pod("b", { cpu: "1" }))).toEqual({
    reason: "OutOfcpu",
    message: "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
  });
  fit.release("a");
  expect(fit.admit(pod("b", { cpu: "1" }))).toBeUndefined();
});

test("NodeFit refuses more Pods than the node takes, and resources that it has not", () => {
  const fit = new NodeFit(() => ({ cpu: "2", pods: "1" }));
  expect(fit.admit(pod("a", { "example.com/gpu": "1" }))?.reason).toBe("OutOfexample.com/gpu");
  expect(fit.admit(pod("b"))).toBeUndefined();
  expect(fit.admit(pod("c"))?.message).toBe(
    "Node didn't have enough resource: pods, requested: 1, used: 1, capacity: 1",
  );
});

test("NodeFit counts a Pod that runs already whether it fits or not", () => {
  const fit = new NodeFit(() => ({ cpu: "1", pods: "9" }));
  fit.include(pod("a", { cpu: "5" }));
  expect(fit.admit(pod("a", { cpu: "5" }))).toBeUndefined();
  expect(fit.admit(pod("b", { cpu: "1m" }))?.reason).toBe("OutOfcpu");
});
