import { expect, test } from "bun:test";
import type { V1Deployment, V1ReplicaSet } from "../../api/generated/types.ts";
import {
  findActiveOrLatest,
  isSaturated,
  maxSurge,
  maxUnavailable,
  nextNewSize,
  proportionalSizes,
} from "./replica-counts.ts";
import { newSetAnnotations, scaleAnnotations } from "./revision-annotations.ts";

type Share = number | string;

function deployment(replicas: number, surge: Share = "25%", unavailable: Share = "25%"): V1Deployment {
  const rollingUpdate = { maxSurge: surge, maxUnavailable: unavailable };
  const strategy = { type: "RollingUpdate", rollingUpdate };
  return { spec: { replicas, strategy, selector: {}, template: {} } };
}

function set(name: string, replicas: number, before?: V1Deployment, available = replicas): V1ReplicaSet {
  const annotations =
    before === undefined ? {} : scaleAnnotations(before.spec?.replicas ?? 0, maxSurge(before));
  const metadata = { name, annotations, creationTimestamp: `2026-01-31T12:00:0${name.length}Z` };
  return {
    metadata,
    spec: { replicas, selector: {}, template: {} },
    status: { replicas, availableReplicas: available },
  };
}

test("a surge is rounded up, what may be unavailable down, and both are not nothing", () => {
  expect([maxSurge(deployment(3)), maxUnavailable(deployment(3))]).toEqual([1, 0]);
  expect([maxSurge(deployment(10)), maxUnavailable(deployment(10))]).toEqual([3, 2]);
  expect([maxSurge(deployment(2, 0, "25%")), maxUnavailable(deployment(2, 0, "25%"))]).toEqual([0, 1]);
  expect(maxUnavailable(deployment(2, 0, 5))).toBe(2);
  expect(maxUnavailable(deployment(0, 0, 5))).toBe(0);
  const recreate = { spec: { replicas: 4, strategy: { type: "Recreate" }, selector: {}, template: {} } };
  expect([maxSurge(recreate), maxUnavailable(recreate)]).toEqual([0, 0]);
});

test("a new set grows into the room that the others leave", () => {
  expect(nextNewSize(deployment(10, 2), [set("a", 10)], 0)).toBe(2);
  expect(nextNewSize(deployment(10, 2), [set("a", 7)], 2)).toBe(5);
  expect(nextNewSize(deployment(10, 2), [set("a", 12)], 2)).toBe(2);
  expect(nextNewSize(deployment(10, 2), [], 4)).toBe(10);
});

test("a Deployment that is scaled amidst a rollout scales its sets by their shares", () => {
  const sizes = (now: V1Deployment, ...sets: readonly V1ReplicaSet[]) =>
    Object.fromEntries(proportionalSizes(now, sets).map(({ set: of, size }) => [of.metadata?.name, size]));
  const ten = deployment(10, 3, 2);
  expect(sizes(deployment(30, 3, 2), set("old", 8, ten), set("newer", 5, ten))).toEqual({
    old: 20,
    newer: 13,
  });
  expect(sizes(deployment(5, 3, 2), set("old", 8, ten), set("newer", 5, ten))).toEqual({ old: 5, newer: 3 });
  expect(sizes(deployment(0, 3, 2), set("old", 8, ten), set("newer", 5, ten))).toEqual({ old: 0, newer: 0 });
  // The newer gets what rounding leaves, as it comes first among those of the same size.
  expect(
    sizes(deployment(11, 0, 1), set("a", 5, deployment(10, 0, 1)), set("bb", 5, deployment(10, 0, 1))),
  ).toEqual({ a: 5, bb: 6 });
});

test("the set to scale is the only active one, else the new one, else the latest", () => {
  const [one, two] = [set("a", 0), set("bb", 0)];
  expect(findActiveOrLatest(set("new", 0), [set("old", 2)])?.metadata?.name).toBe("old");
  expect(findActiveOrLatest(set("new", 1), [set("old", 2)])).toBeUndefined();
  expect(findActiveOrLatest(set("new", 0), [one])?.metadata?.name).toBe("new");
  expect(findActiveOrLatest(undefined, [two, one])).toBe(two);
  expect(findActiveOrLatest(undefined, [])).toBeUndefined();
  expect(isSaturated(deployment(2), set("new", 2, deployment(2)))).toBe(true);
  expect(isSaturated(deployment(2), set("new", 2, deployment(2), 1))).toBe(false);
  expect(isSaturated(deployment(2), set("new", 2, deployment(3)))).toBe(false);
});

test("newSetAnnotations copies what is no bookkeeping, and keeps a set's earlier revisions", () => {
  const key = (name: string) => `deployment.kubernetes.io/${name}`;
  const owner = {
    metadata: {
      annotations: {
        "kubernetes.io/change-cause": "why",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        [key("revision")]: "7",
      },
    },
  };
  const cause = { "kubernetes.io/change-cause": "why" };
  expect(newSetAnnotations(owner, {}, 3)).toEqual({ ...cause, [key("revision")]: "3" });
  const old = (revision: string, history = "") => ({
    metadata: { annotations: { [key("revision")]: revision, [key("revision-history")]: history } },
  });
  expect(newSetAnnotations(owner, old("3"), 3)).toEqual(cause);
  expect(newSetAnnotations(owner, old("?"), 3)).toEqual(cause);
  expect(newSetAnnotations(owner, old("10", "2,9"), 11)).toEqual({
    ...cause,
    [key("revision")]: "11",
    [key("revision-history")]: "2,9,10",
  });
  const long = `${"1000,".repeat(399)}1000`;
  const kept = newSetAnnotations(owner, old("1001", long), 1002)[key("revision-history")] ?? "";
  expect(kept).toEndWith(",1000,1001");
  expect(kept.length).toBe(1999);
});
