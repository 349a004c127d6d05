import { type ContainerMetric, type Figure, type Subject, single } from "./subject.ts";

/** A guest has no swap, and its control groups reserve no memory. */
const none = (): number => 0;

/** What a container has of the memory. */
export const memoryMetrics: readonly ContainerMetric[] = [
  single(
    "gauge",
    "container_memory_cache",
    "Number of bytes of page cache memory.",
    ({ usage }) => usage.memory.cacheBytes,
  ),
  single("gauge", "container_memory_rss", "Size of RSS in bytes.", ({ usage }) => usage.memory.residentBytes),
  single("gauge", "container_memory_swap", "Container swap usage in bytes.", none),
  single(
    "gauge",
    "container_memory_kernel_usage",
    "Size of kernel memory allocated in bytes.",
    ({ usage }) => usage.memory.kernelBytes,
  ),
  single(
    "gauge",
    "container_memory_mapped_file",
    "Size of memory mapped files in bytes.",
    ({ usage }) => usage.memory.mappedBytes,
  ),
  single(
    "gauge",
    "container_memory_total_active_file_bytes",
    "Current total active file in bytes.",
    ({ usage }) => usage.memory.activeFileBytes,
  ),
  single(
    "gauge",
    "container_memory_total_inactive_file_bytes",
    "Current total inactive file in bytes.",
    ({ usage }) => usage.memory.inactiveFileBytes,
  ),
  single(
    "gauge",
    "container_memory_usage_bytes",
    "Current memory usage in bytes, including all memory regardless of when it was accessed",
    ({ usage }) => usage.memory.usedBytes,
  ),
  single(
    "gauge",
    "container_memory_max_usage_bytes",
    "Maximum memory usage recorded in bytes",
    ({ usage }) => usage.memory.peakBytes,
  ),
  single(
    "gauge",
    "container_memory_working_set_bytes",
    "Current working set in bytes.",
    ({ usage }) => usage.memory.workingSetBytes,
  ),
  single(
    "counter",
    "container_memory_failcnt",
    "Number of memory usage hits limits",
    ({ usage }) => usage.memory.limitHits,
  ),
  ["counter", "container_memory_failures_total", "Cumulative count of memory allocation failures.", faults],
  single(
    "counter",
    "container_oom_events_total",
    "Count of out of memory events observed for the container",
    ({ usage }) => usage.memory.outOfMemoryKills,
  ),
  single(
    "gauge",
    "container_spec_memory_limit_bytes",
    "Memory limit for the container.",
    ({ usage }) => usage.memory.limitBytes ?? 0,
  ),
  single(
    "gauge",
    "container_spec_memory_reservation_limit_bytes",
    "Memory reservation limit for the container.",
    none,
  ),
  single("gauge", "container_spec_memory_swap_limit_bytes", "Memory swap limit for the container.", none),
];

/** A group's own faults and those of the groups below it are the same: containers have none below. */
function faults({ usage, labels }: Subject): Figure[] {
  const scope = labels.container === "" ? "hierarchy" : "container";
  return [
    [usage.memory.pageFaults, { failure_type: "pgfault", scope }],
    [usage.memory.majorPageFaults, { failure_type: "pgmajfault", scope }],
  ];
}
