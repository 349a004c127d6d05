import { expect, test } from "bun:test";
import type { V1Pod } from "../../api/generated/types.ts";
import { equalStatus, nextAvailabilityMs, replicaStatus } from "./replica-status.ts";

const nowMs = Date.parse("2026-01-31T12:00:00Z");

function readyPod(secondsAgo: number, labels: Readonly<Record<string, string>> = { app: "web" }): V1Pod {
  const lastTransitionTime = new Date(nowMs - secondsAgo * 1000).toISOString();
  return {
    metadata: { labels },
    status: { conditions: [{ type: "Ready", status: "True", lastTransitionTime }] },
  };
}

const template = { metadata: { labels: { app: "web" } } };
const owner = { metadata: { generation: 4 }, spec: { replicas: 3, minReadySeconds: 10, template } };
const active = [readyPod(10), readyPod(7), { metadata: { labels: { app: "web" } } }, readyPod(3, {})];

test("replicaStatus counts Pods by their labels and by how long they are ready", () => {
  const status = replicaStatus(owner, { active, terminating: [], failure: undefined, nowMs });
  expect(status).toEqual({
    replicas: 4,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 1,
    terminatingReplicas: 0,
    observedGeneration: 4,
  });
  expect(nextAvailabilityMs(active, 10, nowMs)).toBe(3000);
  expect(nextAvailabilityMs(active, 0, nowMs)).toBeUndefined();
});

test("replicaStatus has a failure's condition from the first one until all went well", () => {
  const observe = (status: ReturnType<typeof replicaStatus> | undefined, failure: string | undefined) =>
    replicaStatus(
      { ...owner, ...(status && { status }) },
      { active: [], terminating: undefined, failure, nowMs },
    );
  const failed = observe(undefined, "no room");
  expect(failed.conditions).toEqual([
    {
      type: "ReplicaFailure",
      status: "True",
      reason: "FailedCreate",
      message: "no room",
      lastTransitionTime: "2026-01-31T12:00:00Z",
    },
  ]);
  expect(equalStatus(failed, observe(failed, "still no room"))).toBe(true);
  expect(observe(failed, undefined)).toEqual({ replicas: 0, observedGeneration: 4 });
  expect(equalStatus(failed, observe(failed, undefined))).toBe(false);
});
