import { expect, test } from "bun:test";
import type { V1Pod } from "../../api/generated/types.ts";
import { podsToDelete } from "./pods-to-delete.ts";

const nowMs = Date.parse("2026-01-31T12:00:00Z");

interface Traits {
  readonly node?: string;
  readonly phase?: string;
  /** Seconds ago. */
  readonly ready?: number;
  readonly created?: number;
  readonly cost?: string;
  readonly restarts?: number;
}

function pod(name: string, traits: Traits): V1Pod {
  const { node = "n1", phase = "Running", ready, created = 1000, cost, restarts = 0 } = traits;
  const at = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();
  const annotations = cost === undefined ? {} : { "controller.kubernetes.io/pod-deletion-cost": cost };
  const status = { name: "c", image: "i", imageID: "", ready: true, restartCount: restarts };
  return {
    metadata: { name, uid: name, creationTimestamp: at(created), annotations },
    spec: { containers: [], nodeName: node },
    status: {
      phase,
      containerStatuses: [status],
      conditions:
        ready === undefined ? [] : [{ type: "Ready", status: "True", lastTransitionTime: at(ready) }],
    },
  };
}

function order(...pods: readonly V1Pod[]): readonly string[] {
  // With one that nobody would delete, so that there is something to choose.
  const kept = pod("kept", { ready: 1e9, created: 1e9, cost: "2147483647" });
  const chosen = podsToDelete([kept, ...pods], pods.length, { related: [...pods, kept], nowMs });
  return chosen.map(({ metadata }) => metadata?.name ?? "");
}

test("Pods go by how far they have come", () => {
  const all = [
    pod("old", { ready: 900 }),
    pod("young", { ready: 90 }),
    pod("unready", {}),
    pod("unknown", { phase: "Unknown" }),
    pod("pending", { phase: "Pending" }),
    pod("unassigned", { node: "", phase: "Pending" }),
  ];
  expect(order(...all)).toEqual(["unassigned", "pending", "unknown", "unready", "young", "old"]);
});

test("a lower cost goes before what was ready for longer, and an impossible one is none", () => {
  const all = [
    pod("dear", { ready: 10, cost: "5" }),
    pod("cheap", { ready: 900, cost: "-1" }),
    pod("strange", { ready: 900, cost: "+9" }),
  ];
  expect(order(...all)).toEqual(["cheap", "strange", "dear"]);
});

test("of several Pods on one node one goes first", () => {
  const [one, two] = [pod("one", { node: "n2", ready: 900 }), pod("two", { node: "n3", ready: 10 })];
  const sibling = pod("sibling", { node: "n2", ready: 1 });
  const chosen = podsToDelete([two, one], 1, { related: [one, two, sibling], nowMs });
  expect(chosen).toEqual([one]);
});

test("more restarts go first, then the younger; ages of about the same go by uid", () => {
  const all = [
    pod("b", { ready: 100, created: 500 }),
    pod("a", { ready: 101, created: 500 }),
    pod("young", { ready: 2, created: 500 }),
  ];
  expect(order(...all)).toEqual(["young", "a", "b"]);
  const same = [
    pod("steady", { ready: 100 }),
    pod("restless", { ready: 100, restarts: 3 }),
    pod("new", { ready: 100, created: 101 }),
  ];
  expect(order(...same)).toEqual(["restless", "new", "steady"]);
});
