/** Which Pods of a set go first when there are too many (kubernetes `ActivePodsWithRanks`). */
import type { V1Pod } from "../../api/generated/types.ts";
import { isPodActive, readySince } from "../pod-control/pod-state.ts";

const costAnnotation = "controller.kubernetes.io/pod-deletion-cost";

interface RankingOptions {
  /** Pods of this set and of its siblings: a node with several of them can spare one. */
  readonly related: readonly V1Pod[];
  readonly nowMs: number;
}

/** So many of the Pods, those that are missed least. */
export function podsToDelete(
  pods: readonly V1Pod[],
  count: number,
  { related, nowMs }: RankingOptions,
): readonly V1Pod[] {
  if (count >= pods.length) return pods;
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const { nodeName = "" } = pod.spec ?? {};
    if (isPodActive(pod)) perNode.set(nodeName, (perNode.get(nodeName) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => rank(pod, perNode.get(pod.spec?.nodeName ?? "") ?? 0, nowMs));
  return ranked
    .sort(compare)
    .slice(0, count)
    .map(({ pod }) => pod);
}

interface Ranked {
  readonly pod: V1Pod;
  /** Compared one after the other; the lower goes first. */
  readonly before: readonly number[];
  readonly readyMs: number | undefined;
  readonly after: readonly number[];
  readonly createdMs: number | undefined;
  readonly nowMs: number;
}

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

function rank(pod: V1Pod, siblingsOnNode: number, nowMs: number): Ranked {
  const { metadata, spec, status } = pod;
  const readyMs = readySince(pod);
  const sidecars = new Set(
    (spec?.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === "Always")
      .map(({ name }) => name),
  );
  const sidecarStatuses = (status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name));
  const created = metadata?.creationTimestamp;
  return {
    pod,
    before: [
      spec?.nodeName ? 1 : 0,
      phases[status?.phase ?? ""] ?? 0,
      readyMs === undefined ? 0 : 1,
      deletionCost(metadata?.annotations?.[costAnnotation]),
      -siblingsOnNode,
    ],
    readyMs,
    after: [-maxRestarts(status?.containerStatuses ?? []), -maxRestarts(sidecarStatuses)],
    createdMs: created === undefined ? undefined : Date.parse(created),
    nowMs,
  };
}

function compare(left: Ranked, right: Ranked): number {
  return (
    compareNumbers(left.before, right.before) ||
    (left.readyMs === undefined ? 0 : compareAges(left, right, left.readyMs, right.readyMs)) ||
    compareNumbers(left.after, right.after) ||
    compareAges(left, right, left.createdMs, right.createdMs)
  );
}

function compareNumbers(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((value, index) => value !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

/** The younger first, by the power of two of their ages; among those of the same, by uid, which is as good as chance. */
function compareAges(
  left: Ranked,
  right: Ranked,
  one: number | undefined,
  other: number | undefined,
): number {
  if (one === other) return 0;
  if (!one || !other) return one ? 1 : -1;
  const difference = magnitude(left.nowMs - one) - magnitude(right.nowMs - other);
  if (difference !== 0) return difference;
  return (left.pod.metadata?.uid ?? "") < (right.pod.metadata?.uid ?? "") ? -1 : 1;
}

/** Of an age in nanoseconds, as upstream takes it. */
function magnitude(ageMs: number): number {
  return ageMs > 0 ? Math.trunc(Math.log2(ageMs * 1e6)) : -1;
}

/** What is no 32-bit number in its usual writing counts as 0. */
function deletionCost(text: string | undefined): number {
  if (text === undefined || !/^(0|-?[1-9]\d*)$/.test(text)) return 0;
  const cost = Number(text);
  return cost === (cost | 0) ? cost : 0;
}

function maxRestarts(statuses: ReadonlyArray<{ readonly restartCount: number }>): number {
  return Math.max(0, ...statuses.map(({ restartCount }) => restartCount));
}
