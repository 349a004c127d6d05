import { expect, test } from "bun:test";
import type { V1Node, V1Pod, V1PodSpec } from "../api/generated/types.ts";
import { defaultProfile } from "./default-profile.ts";
import { placePod, unschedulableMessage } from "./framework.ts";
import { NodeInfo, toPodInfo } from "./node-info.ts";
import { podRequests } from "./resource-amounts.ts";

const noRequests: V1PodSpec = { containers: [{ name: "c" }] };

function node(name: string, changes: Partial<V1Node> = {}): NodeInfo {
  const info = new NodeInfo(name);
  info.setNode({
    metadata: { name, ...changes.metadata },
    spec: changes.spec ?? {},
    status: changes.status ?? { allocatable: { cpu: "2", memory: "4Gi", pods: "110" } },
  });
  return info;
}

/** Where a Pod with this spec goes among the nodes, or kube-scheduler's text why nowhere. */
function place(spec: V1PodSpec, ...nodes: NodeInfo[]): string {
  const placement = placePod(defaultProfile, toPodInfo({ spec }), nodes, () => 0);
  return "nodeName" in placement
    ? placement.nodeName
    : unschedulableMessage(placement.nodeCount, placement.reasons);
}

function requesting(cpu: string, more: Partial<V1PodSpec> = {}): V1PodSpec {
  return { containers: [{ name: "c", resources: { requests: { cpu } } }], ...more };
}

test("a Pod goes to the node with the most left", () => {
  const busy = node("a");
  busy.addPod("default/x", podRequests({ spec: requesting("1") }));
  expect(place(requesting("500m"), busy, node("b"))).toBe("b");
});

test("what no node takes is told with counts and in order, as kube-scheduler does", () => {
  const tainted = node("a", { spec: { taints: [{ key: "dedicated", effect: "NoExecute" }] } });
  const full = node("b");
  full.addPod("default/x", podRequests({ spec: requesting("2") }));
  const tiny = node("c", { status: { allocatable: { cpu: "1", memory: "1Gi", pods: "0" } } });
  expect(place(requesting("1500m"), tainted, full, tiny)).toBe(
    "0/3 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint(s), 2 Insufficient cpu.",
  );
  expect(place(noRequests)).toBe("no nodes available to schedule pods");
});

test("a cordoned node takes only Pods that tolerate it", () => {
  const cordoned = node("a", { spec: { unschedulable: true } });
  expect(place(noRequests, cordoned)).toBe("0/1 nodes are available: 1 node(s) were unschedulable.");
  const tolerations = [{ key: "node.kubernetes.io/unschedulable", operator: "Exists" }];
  expect(place({ ...noRequests, tolerations }, cordoned)).toBe("a");
});

test("a node that is not ready takes nothing, also before its taint is there", () => {
  const conditions = [{ type: "Ready", status: "Unknown" }];
  const silent = node("a", { status: { allocatable: { pods: "10" }, conditions } });
  expect(place(noRequests, silent)).toBe("0/1 nodes are available: 1 node(s) had untolerated taint(s).");
  expect(place({ ...noRequests, tolerations: [{ operator: "Exists" }] }, silent)).toBe("a");
});

test("tolerations match by key, value and effect", () => {
  const tainted = node("a", { spec: { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] } });
  const isTaken = (toleration: object): boolean =>
    place({ ...noRequests, tolerations: [toleration] }, tainted) === "a";
  expect(isTaken({ key: "k", value: "v" })).toBe(true);
  expect(isTaken({ key: "k", operator: "Exists", effect: "NoSchedule" })).toBe(true);
  expect(isTaken({ key: "k", value: "other" })).toBe(false);
  expect(isTaken({ key: "k", operator: "Exists", effect: "NoExecute" })).toBe(false);
  const preferred = node("b", { spec: { taints: [{ key: "k", effect: "PreferNoSchedule" }] } });
  expect(place(noRequests, preferred)).toBe("b");
});

test("nodeSelector and required node affinity choose by labels and by name", () => {
  const nodes = [
    node("a", { metadata: { labels: { disk: "ssd", cores: "8" } } }),
    node("b", { metadata: { labels: { disk: "hdd", cores: "16" } } }),
  ];
  const affinity = (term: object): V1PodSpec => ({
    ...noRequests,
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
    },
  });
  const byLabel = (key: string, operator: string, values?: string[]): string =>
    place(affinity({ matchExpressions: [{ key, operator, ...(values ? { values } : {}) }] }), ...nodes);
  expect(place({ ...noRequests, nodeSelector: { disk: "hdd" } }, ...nodes)).toBe("b");
  expect(byLabel("disk", "In", ["ssd", "nvme"])).toBe("a");
  expect(byLabel("disk", "NotIn", ["ssd"])).toBe("b");
  expect(byLabel("cores", "Gt", ["8"])).toBe("b");
  expect(byLabel("cores", "Lt", ["16"])).toBe("a");
  expect(byLabel("disk", "DoesNotExist")).toBe(
    "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
  );
  const byName = { matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] };
  expect(place(affinity(byName), ...nodes)).toBe("b");
});

test("a removed Pod gives back what it took", () => {
  const info = node("a");
  const pod: V1Pod = { spec: requesting("2") };
  info.addPod("default/x", podRequests(pod));
  info.addPod("default/x", podRequests(pod));
  expect(info.requested("cpu")).toBe(2000);
  info.removePod("default/x");
  expect(place(requesting("2"), info)).toBe("a");
});
