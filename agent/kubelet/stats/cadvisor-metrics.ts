import {
  type LabelValues,
  MetricsRegistry,
  type Sample,
} from "../../../supervisor/base/metrics/metrics-registry.ts";
import { kubernetesVersion } from "../../../supervisor/base/version.ts";
import type { FileSystemUsage, GroupUsage, NetworkUsage } from "../../runtime/pod-sandbox-stats.ts";
import type { NodeFacts } from "../node/node-facts.ts";
import { imageAnnotation } from "../sandbox/pod-identity.ts";
import type { SandboxUsage, Usage } from "./usage-reader.ts";

/** Whom figures are of: the node itself, a Pod as a whole, or a container. */
interface Subject {
  readonly labels: LabelValues;
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly usage: GroupUsage;
  readonly root?: FileSystemUsage;
  readonly network?: NetworkUsage;
}

type Read = (subject: Subject) => readonly Figure[];
type Figure = readonly [value: number, labels?: LabelValues];

/** cAdvisor's names and texts, as far as a guest tells what they are about. */
const metrics: ReadonlyArray<readonly ["counter" | "gauge", string, string, Read]> = [
  ["counter", "container_cpu_usage_seconds_total", "Cumulative cpu time consumed in seconds.", cpuTotal],
  ["counter", "container_cpu_user_seconds_total", "Cumulative user cpu time consumed in seconds.", cpuUser],
  [
    "counter",
    "container_cpu_system_seconds_total",
    "Cumulative system cpu time consumed in seconds.",
    cpuSystem,
  ],
  [
    "gauge",
    "container_memory_cache",
    "Number of bytes of page cache memory.",
    ({ usage }) => [[usage.memory.cacheBytes]],
  ],
  ["gauge", "container_memory_rss", "Size of RSS in bytes.", ({ usage }) => [[usage.memory.residentBytes]]],
  [
    "gauge",
    "container_memory_mapped_file",
    "Size of memory mapped files in bytes.",
    ({ usage }) => [[usage.memory.mappedBytes]],
  ],
  [
    "gauge",
    "container_memory_usage_bytes",
    "Current memory usage in bytes, including all memory regardless of when it was accessed",
    ({ usage }) => [[usage.memory.usedBytes]],
  ],
  [
    "gauge",
    "container_memory_working_set_bytes",
    "Current working set in bytes.",
    ({ usage }) => [[usage.memory.workingSetBytes]],
  ],
  ["counter", "container_memory_failures_total", "Cumulative count of memory allocation failures.", faults],
  [
    "gauge",
    "container_spec_memory_limit_bytes",
    "Memory limit for the container.",
    ({ usage }) => [[usage.memory.limitBytes ?? 0]],
  ],
  [
    "counter",
    "container_oom_events_total",
    "Count of out of memory events observed for the container",
    ({ usage }) => [[usage.memory.outOfMemoryKills]],
  ],
  [
    "gauge",
    "container_processes",
    "Number of processes running inside the container.",
    ({ usage }) => [[usage.processCount]],
  ],
  [
    "gauge",
    "container_fs_usage_bytes",
    "Number of bytes that are consumed by the container on this filesystem.",
    ofRoot("usedBytes"),
  ],
  [
    "gauge",
    "container_fs_limit_bytes",
    "Number of bytes that can be consumed by the container on this filesystem.",
    ofRoot("capacityBytes"),
  ],
  ["gauge", "container_fs_inodes_free", "Number of available Inodes", ofRoot("freeInodeCount")],
  ["gauge", "container_fs_inodes_total", "Number of Inodes", ofRoot("inodeCount")],
  [
    "counter",
    "container_network_receive_bytes_total",
    "Cumulative count of bytes received",
    ofNetwork("receivedBytes"),
  ],
  [
    "counter",
    "container_network_receive_packets_total",
    "Cumulative count of packets received",
    ofNetwork("receivedPackets"),
  ],
  [
    "counter",
    "container_network_receive_errors_total",
    "Cumulative count of errors encountered while receiving",
    ofNetwork("receiveErrors"),
  ],
  [
    "counter",
    "container_network_receive_packets_dropped_total",
    "Cumulative count of packets dropped while receiving",
    ofNetwork("receiveDrops"),
  ],
  [
    "counter",
    "container_network_transmit_bytes_total",
    "Cumulative count of bytes transmitted",
    ofNetwork("sentBytes"),
  ],
  [
    "counter",
    "container_network_transmit_packets_total",
    "Cumulative count of packets transmitted",
    ofNetwork("sentPackets"),
  ],
  [
    "counter",
    "container_network_transmit_errors_total",
    "Cumulative count of errors encountered while transmitting",
    ofNetwork("sendErrors"),
  ],
  [
    "counter",
    "container_network_transmit_packets_dropped_total",
    "Cumulative count of packets dropped while transmitting",
    ofNetwork("sendDrops"),
  ],
  [
    "gauge",
    "container_start_time_seconds",
    "Start time of the container since unix epoch in seconds.",
    ({ startedAtMs }) => [[startedAtMs / 1000]],
  ],
  [
    "gauge",
    "container_last_seen",
    "Last time a container was seen by the exporter",
    ({ atMs }) => [[Math.floor(atMs / 1000)]],
  ],
];

/** `/metrics/cadvisor`. */
export async function cadvisorMetrics(usage: Usage, facts: NodeFacts): Promise<string> {
  const registry = new MetricsRegistry();
  addMachine(registry, usage, facts);
  const subjects = usage.sandboxes.flatMap(subjectsOf);
  for (const [type, name, help, read] of metrics) {
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

function samples(subject: Subject, read: Read): Sample[] {
  const { labels, atMs } = subject;
  return read(subject).map(([value, own]) => ({
    labels: { ...labels, ...own },
    value,
    timestampMs: Math.round(atMs),
  }));
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

function addMachine(registry: MetricsRegistry, { host }: Usage, facts: NodeFacts): void {
  const labels = { machine_id: facts.machineId, system_uuid: facts.systemUuid, boot_id: facts.bootId };
  const add = (name: string, help: string, value: number, own: LabelValues = labels): void =>
    registry.collected("gauge", name, help, () => [{ labels: own, value }]);
  add("machine_cpu_cores", "Number of logical CPU cores.", facts.cpuCount);
  add("machine_memory_bytes", "Amount of memory installed on the machine.", facts.memoryBytes);
  add("machine_swap_bytes", "Amount of swap memory available on the machine.", host.swap.totalBytes);
  add("machine_scrape_error", "1 if there was an error while getting machine metrics, 0 otherwise.", 0, {});
  const version = {
    kernelVersion: facts.kernelVersion,
    osVersion: facts.osImage,
    dockerVersion: "",
    cadvisorVersion: kubernetesVersion,
    cadvisorRevision: "",
  };
  const help =
    "A metric with a constant '1' value labeled by kernel version, OS version, docker version, cadvisor version & cadvisor revision.";
  add("cadvisor_version_info", help, 1, version);
}

function cpuTotal({ usage }: Subject): Figure[] {
  return [[usage.cpuNanoseconds / 1e9, { cpu: "total" }]];
}

function cpuUser({ usage }: Subject): Figure[] {
  return [[usage.cpuUserNanoseconds / 1e9]];
}

function cpuSystem({ usage }: Subject): Figure[] {
  return [[usage.cpuSystemNanoseconds / 1e9]];
}

function faults({ usage, labels }: Subject): Figure[] {
  const scope = labels.container === "" ? "hierarchy" : "container";
  return [
    [usage.memory.pageFaults, { failure_type: "pgfault", scope }],
    [usage.memory.majorPageFaults, { failure_type: "pgmajfault", scope }],
  ];
}

function ofRoot(field: keyof FileSystemUsage): Read {
  return ({ root }) => (root ? [[root[field], { device: "overlay" }]] : []);
}

function ofNetwork(field: Exclude<keyof NetworkUsage, "interfaceName">): Read {
  return ({ network }) => (network ? [[network[field], { interface: network.interfaceName }]] : []);
}
