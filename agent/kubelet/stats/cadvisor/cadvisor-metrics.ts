import { MetricsRegistry, type Sample } from "../../../../supervisor/base/metrics/metrics-registry.ts";
import type { NodeFacts } from "../../node/node-facts.ts";
import { imageAnnotation } from "../../sandbox/pod-identity.ts";
import type { SandboxUsage, Usage } from "../usage-reader.ts";
import { cpuMetrics } from "./cpu-metrics.ts";
import { fileMetrics } from "./file-metrics.ts";
import { addMachineMetrics } from "./machine-metrics.ts";
import { memoryMetrics } from "./memory-metrics.ts";
import { networkMetrics } from "./network-metrics.ts";
import { pressureMetrics } from "./pressure-metrics.ts";
import { processMetrics } from "./process-metrics.ts";
import type { ContainerMetric, Subject } from "./subject.ts";

const tables = [cpuMetrics, memoryMetrics, fileMetrics, networkMetrics, pressureMetrics, processMetrics];

/** `/metrics/cadvisor`: cAdvisor's names, as far as a guest tells what they are about. */
export async function cadvisorMetrics(usage: Usage, facts: NodeFacts): Promise<string> {
  const registry = new MetricsRegistry();
  addMachineMetrics(registry, usage, facts);
  const subjects = usage.sandboxes.flatMap(subjectsOf);
  for (const [type, name, help, read] of tables.flat()) {
    registry.collected(type, name, help, () => subjects.flatMap((subject) => samples(subject, read)));
  }
  registry.collected(
    "gauge",
    "container_scrape_error",
    "1 if there was an error while getting container metrics, 0 otherwise",
    () => [{ labels: {}, value: usage.sandboxes.some(({ stats }) => !stats) ? 1 : 0 }],
  );
  return await registry.text();
}

function samples(subject: Subject, read: ContainerMetric[3]): Sample[] {
  const { labels, atMs } = subject;
  const timestampMs = Math.round(atMs);
  return read(subject).flatMap(([value, own]) =>
    value === undefined ? [] : [{ labels: { ...labels, ...own }, value, timestampMs }],
  );
}

/** A Pod's network is told with no container's name, as that of the container that holds a Pod's network open. */
function subjectsOf({ sandbox, containers, stats }: SandboxUsage): Subject[] {
  if (!stats) return [];
  const { namespace, name: pod, uid } = sandbox.metadata;
  const podId = `/kubepods/pod${uid}`;
  const { atMs, pods, network } = stats;
  const whole = {
    labels: { container: "", id: podId, image: "", name: "", namespace, pod },
    atMs,
    startedAtMs: sandbox.createdAt.getTime(),
  };
  const own = containers.flatMap(({ id, metadata, annotations, startedAt, createdAt }): Subject[] => {
    const found = stats.containers.find((each) => each.id === id);
    if (!found) return [];
    const image = annotations[imageAnnotation] ?? "";
    const labels = { container: metadata.name, id: `${podId}/${id}`, image, name: id, namespace, pod };
    const { usage, root } = found;
    return [{ labels, atMs, startedAtMs: (startedAt ?? createdAt).getTime(), usage, ...(root && { root }) }];
  });
  return [...(pods ? [{ ...whole, usage: pods, ...(network && { network }) }] : []), ...own];
}
