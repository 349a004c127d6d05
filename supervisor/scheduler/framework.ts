import type { NodeInfo, PodInfo } from "./node-info.ts";

/** Says whether a node can take a Pod. */
export interface FilterPlugin {
  readonly name: string;
  /** Why the node cannot, in kube-scheduler's words; empty where it can. `node` is never without its Node object. */
  filter(pod: PodInfo, node: NodeInfo): readonly string[];
}

/** Says how well a node that can take a Pod suits it. */
export interface ScorePlugin {
  readonly name: string;
  /** From 0 to 100, the larger the better. */
  score(pod: PodInfo, node: NodeInfo): number;
}

export interface SchedulerProfile {
  /** Asked in this order; the first that refuses a node gives the reasons. */
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly ScorePlugin[];
}

export type Placement =
  | { readonly nodeName: string }
  | { readonly nodeCount: number; readonly reasons: ReadonlyMap<string, number> };

/** Chooses a node for a Pod, at random among the best; or counts why each node refuses it. */
export function placePod(
  profile: SchedulerProfile,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  random: () => number,
): Placement {
  const reasons = new Map<string, number>();
  const fitting = nodes.filter((node) => {
    const refusal = refuse(profile.filters, pod, node);
    for (const reason of refusal) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return refusal.length === 0;
  });
  const nodeName = best(profile.scores, pod, fitting, random)?.name;
  return nodeName === undefined ? { nodeCount: nodes.length, reasons } : { nodeName };
}

function refuse(filters: readonly FilterPlugin[], pod: PodInfo, node: NodeInfo): readonly string[] {
  for (const plugin of filters) {
    const reasons = plugin.filter(pod, node);
    if (reasons.length > 0) return reasons;
  }
  return [];
}

function best(
  scores: readonly ScorePlugin[],
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  random: () => number,
): NodeInfo | undefined {
  let highest = Number.NEGATIVE_INFINITY;
  let candidates: NodeInfo[] = [];
  for (const node of nodes) {
    const score = scores.reduce((sum, plugin) => sum + plugin.score(pod, node), 0);
    if (score > highest) {
      highest = score;
      candidates = [];
    }
    if (score === highest) candidates.push(node);
  }
  return candidates[Math.floor(random() * candidates.length)];
}

/** Why no node takes a Pod, as kube-scheduler's `FitError` says it. */
export function unschedulableMessage(nodeCount: number, reasons: ReadonlyMap<string, number>): string {
  if (nodeCount === 0) return "no nodes available to schedule pods";
  const texts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodeCount} nodes are available: ${texts.join(", ")}.`;
}
