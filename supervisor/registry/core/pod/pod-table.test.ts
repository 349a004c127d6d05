import { expect, test } from "bun:test";
import type { V1PodStatus } from "../../../api/generated/types.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { podTable } from "./pod-table.ts";

const nowMs = Date.parse("2026-01-01T01:00:00Z");

function pod(status: Partial<V1PodStatus>, initContainers: object[] = []): ApiObject {
  const metadata = { name: "a", creationTimestamp: "2026-01-01T00:00:00Z" };
  return { metadata, spec: { initContainers, containers: [{ name: "main" }] }, status } as never;
}

function shown(object: ApiObject): unknown[] {
  return podTable.cells(object, nowMs).slice(1, 4);
}

const common = { image: "", imageID: "", ready: false, restartCount: 0 };
const terminated = { exitCode: 1, finishedAt: "2026-01-01T00:55:00Z" };

test("a row tells of restarts, and when the last one was", () => {
  const status = { ...common, name: "main", restartCount: 2, lastState: { terminated } };
  expect(shown(pod({ phase: "Running", containerStatuses: [status] }))).toEqual([
    "0/1",
    "Running",
    "2 (5m ago)",
  ]);
});

test("a row tells how far init containers are", () => {
  const inits = [{ name: "one" }, { name: "two" }];
  const done = { ...common, name: "one", state: { terminated: { exitCode: 0 } } };
  const initContainerStatuses = [done, { ...common, name: "two" }];
  expect(shown(pod({ phase: "Pending", initContainerStatuses }, inits))[1]).toBe("Init:1/2");
});

test("rows of Pods that have ended are marked as completed", () => {
  expect(podTable.conditions?.(pod({ phase: "Running" }))).toBeUndefined();
  expect(podTable.conditions?.(pod({ phase: "toString" }))).toBeUndefined();
  expect(podTable.conditions?.(pod({ phase: "Succeeded" }))).toEqual([
    {
      type: "Completed",
      status: "True",
      reason: "Succeeded",
      message: "The pod has completed successfully.",
    },
  ]);
  expect(podTable.conditions?.(pod({ phase: "Failed" }))?.[0]?.message).toBe("The pod failed.");
});
