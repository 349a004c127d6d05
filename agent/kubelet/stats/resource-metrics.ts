import { MetricsRegistry, type Sample } from "../../../supervisor/base/metrics/metrics-registry.ts";
import type { SandboxUsage, Usage } from "./usage-reader.ts";

/** One of those whose use is told: the node, a Pod, a container. */
interface Measured {
  readonly labels: Readonly<Record<string, string>>;
  readonly atMs: number;
  readonly cpuNanoseconds: number;
  readonly workingSetBytes: number;
  readonly swapBytes: number;
}

interface MeasuredContainer extends Measured {
  readonly startedAtMs: number;
}

const swapNote = "in bytes. Reported only on non-windows systems";

/**
 * `/metrics/resource` (kubelet `pkg/kubelet/metrics/collectors/resource_metrics.go`): what the metrics API is made of.
 * Figures carry the time at which they were true. Guests have no swap.
 */
export async function resourceMetrics(usage: Usage): Promise<string> {
  const registry = new MetricsRegistry();
  const containers = usage.sandboxes.flatMap(containersOf);
  const nodeSwap = `swap usage of the node ${swapNote}`;
  addUse(registry, "node", [nodeOf(usage)], nodeSwap);
  addUse(registry, "container", containers, `amount of the container swap usage ${swapNote}`);
  addUse(registry, "pod", usage.sandboxes.flatMap(podOf), `amount of the pod swap usage ${swapNote}`);
  const limitHelp = `[ALPHA] Current amount of the container swap limit ${swapNote}`;
  registry.collected("gauge", "container_swap_limit_bytes", limitHelp, () =>
    containers.map((container) => sample(container, 0)),
  );
  const startHelp = "[STABLE] Start time of the container since unix epoch in seconds";
  registry.collected("gauge", "container_start_time_seconds", startHelp, () =>
    containers.map(({ labels, startedAtMs }) => ({ labels, value: startedAtMs / 1000 })),
  );
  const errorHelp = "[STABLE] 1 if there was an error while getting container metrics, 0 otherwise";
  registry.collected("gauge", "resource_scrape_error", errorHelp, () => [{ labels: {}, value: 0 }]);
  return await registry.text();
}

function addUse(
  registry: MetricsRegistry,
  subject: string,
  measured: readonly Measured[],
  swapText: string,
): void {
  const cpuHelp = `[STABLE] Cumulative cpu time consumed by the ${subject} in core-seconds`;
  registry.collected("counter", `${subject}_cpu_usage_seconds_total`, cpuHelp, () =>
    measured.map((each) => sample(each, each.cpuNanoseconds / 1e9)),
  );
  const memoryHelp = `[STABLE] Current working set of the ${subject} in bytes`;
  registry.collected("gauge", `${subject}_memory_working_set_bytes`, memoryHelp, () =>
    measured.map((each) => sample(each, each.workingSetBytes)),
  );
  registry.collected("gauge", `${subject}_swap_usage_bytes`, `[ALPHA] Current ${swapText}`, () =>
    measured.map((each) => sample(each, each.swapBytes)),
  );
}

function sample({ labels, atMs }: Measured, value: number): Sample {
  return { labels, value, timestampMs: Math.round(atMs) };
}

function nodeOf({ host }: Usage): Measured {
  const { atMs, cpuNanoseconds, memory, swap } = host;
  const { workingSetBytes } = memory;
  return { labels: {}, atMs, cpuNanoseconds, workingSetBytes, swapBytes: swap.usedBytes };
}

function podOf({ sandbox, stats }: SandboxUsage): Measured[] {
  if (!stats) return [];
  const { namespace, name: pod } = sandbox.metadata;
  const { machine, pods, atMs } = stats;
  const workingSetBytes = pods?.memory.workingSetBytes ?? machine.memoryBytes - machine.memoryAvailableBytes;
  const { cpuNanoseconds } = machine;
  return [{ labels: { namespace, pod }, atMs, cpuNanoseconds, workingSetBytes, swapBytes: 0 }];
}

function containersOf({ sandbox, containers, stats }: SandboxUsage): MeasuredContainer[] {
  if (!stats) return [];
  const { namespace, name: pod } = sandbox.metadata;
  return containers.flatMap(({ id, metadata, startedAt, createdAt }) => {
    const found = stats.containers.find((each) => each.id === id);
    if (!found) return [];
    const { cpuNanoseconds, memory } = found.usage;
    return [
      {
        labels: { container: metadata.name, namespace, pod },
        atMs: stats.atMs,
        startedAtMs: (startedAt ?? createdAt).getTime(),
        cpuNanoseconds,
        workingSetBytes: memory.workingSetBytes,
        swapBytes: 0,
      },
    ];
  });
}
