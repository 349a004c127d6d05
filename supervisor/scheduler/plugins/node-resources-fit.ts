import type { FilterPlugin, ScorePlugin } from "../framework.ts";
import type { NodeInfo, PodInfo } from "../node-info.ts";

/** A node must have room for what the Pod requests. */
export const nodeResourcesFit: FilterPlugin = {
  name: "NodeResourcesFit",
  filter({ requests }, node) {
    const reasons: string[] = [];
    if (node.podCount + 1 > node.allocatable("pods")) reasons.push("Too many pods");
    for (const [resource, amount] of requests.exact) {
      if (amount > 0 && amount > node.allocatable(resource) - node.requested(resource)) {
        reasons.push(`Insufficient ${resource}`);
      }
    }
    return reasons;
  },
};

/** The more of its CPU and memory a node has left, the better (kube-scheduler's `LeastAllocated` strategy). */
export const leastAllocated: ScorePlugin = {
  name: "NodeResourcesFit",
  score(pod, node) {
    return (freeShare(pod, node, "cpu") + freeShare(pod, node, "memory")) / 2;
  },
};

/** What would be left of a resource with the Pod on the node, in percent. */
function freeShare({ requests }: PodInfo, node: NodeInfo, resource: string): number {
  const capacity = node.allocatable(resource);
  const left = capacity - node.assumed(resource) - (requests.assumed.get(resource) ?? 0);
  return capacity === 0 || left < 0 ? 0 : Math.floor((left * 100) / capacity);
}
