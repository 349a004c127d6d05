import type { V1Node, V1Pod } from "../../api/generated/types.ts";
import { nanosPerUnit } from "../../apimachinery/quantity.ts";
import { formatQuantity } from "../../apimachinery/quantity-format.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { NodeUse, Use } from "./usage-source.ts";

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface ResourceUsage {
  readonly cpu: string;
  readonly memory: string;
}

interface Measured {
  readonly kind: string;
  readonly apiVersion: typeof metricsVersion;
  readonly metadata: Metadata;
  readonly timestamp: string;
  readonly window: string;
}

/** `metrics.k8s.io/v1beta1` NodeMetrics. */
export interface NodeMetrics extends Measured {
  readonly usage: ResourceUsage;
}

/** `metrics.k8s.io/v1beta1` PodMetrics. */
export interface PodMetrics extends Measured {
  readonly containers: ReadonlyArray<{ readonly name: string; readonly usage: ResourceUsage }>;
}

export const metricsVersion = "metrics.k8s.io/v1beta1";

/** Undefined where the host does not tell. */
export function nodeMetrics(
  { metadata = {} }: V1Node,
  use: NodeUse | undefined,
  nowMs: number,
): NodeMetrics | undefined {
  if (!use?.node) return undefined;
  const { name = "", labels } = metadata;
  return {
    kind: "NodeMetrics",
    apiVersion: metricsVersion,
    metadata: { name, creationTimestamp: timestamp(nowMs), ...(labels && { labels }) },
    ...span(use.node),
    usage: usageOf(use.node),
  };
}

/** Undefined where nothing is known of any container. */
export function podMetrics(pod: V1Pod, use: NodeUse | undefined, nowMs: number): PodMetrics | undefined {
  const { name = "", namespace = "", labels } = pod.metadata ?? {};
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const known = all.flatMap((container) => {
    const found = use?.containers.get(`${namespace}/${name}/${container.name}`);
    return found ? [{ name: container.name, use: found }] : [];
  });
  const [first] = known;
  if (!first) return undefined;
  return {
    kind: "PodMetrics",
    apiVersion: metricsVersion,
    metadata: { name, namespace, creationTimestamp: timestamp(nowMs), ...(labels && { labels }) },
    ...span(known.map((each) => each.use).reduce((a, b) => (b.windowMs > a.windowMs ? b : a), first.use)),
    containers: known.map((each) => ({ name: each.name, usage: usageOf(each.use) })),
  };
}

function usageOf({ cpuNanocores, memoryBytes }: Use): ResourceUsage {
  return {
    cpu: formatQuantity(BigInt(Math.round(cpuNanocores)), "1n"),
    memory: formatQuantity(BigInt(Math.round(memoryBytes)) * nanosPerUnit, "1Ki"),
  };
}

function span({ atMs, windowMs }: Use): Pick<Measured, "timestamp" | "window"> {
  return { timestamp: timestamp(atMs), window: `${Math.round(windowMs) / 1000}s` };
}
