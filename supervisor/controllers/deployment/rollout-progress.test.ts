import { expect, test } from "bun:test";
import type { V1Deployment, V1DeploymentStatus, V1ReplicaSet } from "../../api/generated/types.ts";
import { nextProgressCheckMs, rolloutStatus } from "./rollout-progress.ts";

const startMs = Date.parse("2026-01-31T12:00:00Z");

function deployment(status: V1DeploymentStatus, progressDeadlineSeconds = 60): V1Deployment {
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  const spec = { replicas: 2, progressDeadlineSeconds, strategy, selector: {}, template: {} };
  return { metadata: { name: "web", generation: 1 }, spec, status };
}

function set(replicas: number, available: number, extra: object = {}): V1ReplicaSet {
  const status = { replicas, readyReplicas: available, availableReplicas: available, terminatingReplicas: 0 };
  return { metadata: { name: "web-1" }, spec: { replicas: 2 }, status: { ...status, ...extra } };
}

/** The rollout of one set, seen at several times, each with what was written before. */
function follow(...views: ReadonlyArray<readonly [seconds: number, set: V1ReplicaSet]>) {
  let status: V1DeploymentStatus = {};
  return views.map(([seconds, newSet]) => {
    status = rolloutStatus(deployment(status), { newSet, oldSets: [] }, startMs + seconds * 1000);
    return status;
  });
}

function progressing({ conditions }: V1DeploymentStatus = {}) {
  return conditions?.find(({ type }) => type === "Progressing");
}

test("a rollout progresses until it is complete, and then no more", () => {
  const [first, second, third, later] = follow(
    [0, set(2, 0)],
    [10, set(2, 1)],
    [20, set(2, 2)],
    [200, set(2, 1)],
  );
  expect(progressing(first)).toEqual({
    type: "Progressing",
    status: "True",
    reason: "ReplicaSetUpdated",
    message: 'ReplicaSet "web-1" is progressing.',
    lastUpdateTime: "2026-01-31T12:00:00Z",
    lastTransitionTime: "2026-01-31T12:00:00Z",
  });
  expect(progressing(second)).toMatchObject({
    lastUpdateTime: "2026-01-31T12:00:10Z",
    lastTransitionTime: "2026-01-31T12:00:00Z",
  });
  expect(progressing(third)).toMatchObject({ reason: "NewReplicaSetAvailable", status: "True" });
  expect(progressing(later)).toEqual(progressing(third));
  expect(later?.conditions).toContainEqual(
    expect.objectContaining({ type: "Available", status: "False", reason: "MinimumReplicasUnavailable" }),
  );
});

test("without progress the deadline passes, and is looked for a second after", () => {
  const [, before, after, mended] = follow([0, set(2, 1)], [60, set(2, 1)], [61, set(2, 1)], [90, set(2, 2)]);
  expect(progressing(before)?.reason).toBe("ReplicaSetUpdated");
  expect(nextProgressCheckMs(deployment(before ?? {}), startMs + 10_000)).toBe(51_000);
  expect(nextProgressCheckMs(deployment(before ?? {}, 2 ** 31 - 1), startMs)).toBeUndefined();
  expect(progressing(after)).toMatchObject({
    status: "False",
    reason: "ProgressDeadlineExceeded",
    message: 'ReplicaSet "web-1" has timed out progressing.',
  });
  expect(nextProgressCheckMs(deployment(after ?? {}), startMs + 70_000)).toBeUndefined();
  expect(progressing(mended)?.reason).toBe("NewReplicaSetAvailable");
  expect(nextProgressCheckMs(deployment(mended ?? {}), startMs + 90_000)).toBeUndefined();
});

test("a set's failure is the Deployment's for as long as it lasts", () => {
  const failure = {
    type: "ReplicaFailure",
    status: "True",
    reason: "FailedCreate",
    message: "no room",
    lastTransitionTime: "2026-01-31T12:00:00Z",
  };
  const [failed, mended] = follow([5, set(1, 1, { conditions: [failure] })], [9, set(2, 2)]);
  expect(failed?.conditions).toContainEqual({ ...failure, lastUpdateTime: "2026-01-31T12:00:00Z" });
  expect(mended?.conditions?.map(({ type }) => type)).toEqual(["Available", "Progressing"]);
});
