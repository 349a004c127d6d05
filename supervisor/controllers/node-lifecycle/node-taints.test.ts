import { expect, test } from "bun:test";
import type { V1Node, V1Taint } from "../../api/generated/types.ts";
import { correctedTaints } from "./node-taints.ts";

function nodeWith(ready: string, taints: readonly V1Taint[] = [], unschedulable = false): V1Node {
  return { spec: { taints, unschedulable }, status: { conditions: [{ type: "Ready", status: ready }] } };
}

const now = "2026-01-31T12:00:00Z";

test("correctedTaints follows the Ready condition and leaves others' taints alone", () => {
  const own = { key: "dedicated", value: "db", effect: "NoSchedule" };
  const unreachable = { key: "node.kubernetes.io/unreachable", effect: "NoSchedule", timeAdded: now };
  expect(correctedTaints(nodeWith("True", [own]), now)).toBeUndefined();
  expect(correctedTaints(nodeWith("Unknown", [own]), now)).toEqual([own, unreachable]);
  expect(correctedTaints(nodeWith("Unknown", [own, unreachable]), now)).toBeUndefined();
  expect(correctedTaints(nodeWith("True", [own, unreachable]), now)).toEqual([own]);
});

test("correctedTaints marks a cordoned node", () => {
  const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule", timeAdded: now };
  expect(correctedTaints(nodeWith("True", [], true), now)).toEqual([taint]);
  expect(correctedTaints(nodeWith("True", [taint]), now)).toEqual([]);
});
