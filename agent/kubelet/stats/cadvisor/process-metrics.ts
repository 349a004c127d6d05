import { type ContainerMetric, type Figure, type Subject, single } from "./subject.ts";

/** A container's processes, and since when it runs. */
export const processMetrics: readonly ContainerMetric[] = [
  single(
    "gauge",
    "container_processes",
    "Number of processes running inside the container.",
    ({ usage }) => usage.processes?.processCount,
  ),
  single(
    "gauge",
    "container_threads",
    "Number of threads running inside the container",
    ({ usage }) => usage.threadCount,
  ),
  single(
    "gauge",
    "container_threads_max",
    "Maximum number of threads allowed inside the container, infinity if value is zero",
    ({ usage }) => usage.maxThreadCount ?? 0,
  ),
  single(
    "gauge",
    "container_file_descriptors",
    "Number of open file descriptors for the container.",
    ({ usage }) => usage.processes?.openFileCount,
  ),
  single(
    "gauge",
    "container_sockets",
    "Number of open sockets for the container.",
    ({ usage }) => usage.processes?.openSocketCount,
  ),
  [
    "gauge",
    "container_ulimits_soft",
    "Soft ulimit values for the container root process. Unlimited if -1, except priority and nice",
    openFileLimit,
  ],
  single(
    "gauge",
    "container_start_time_seconds",
    "Start time of the container since unix epoch in seconds.",
    ({ startedAtMs }) => startedAtMs / 1000,
  ),
  single("gauge", "container_last_seen", "Last time a container was seen by the exporter", ({ atMs }) =>
    Math.floor(atMs / 1000),
  ),
];

function openFileLimit({ usage }: Subject): Figure[] {
  return [[usage.processes?.maxOpenFileCount, { ulimit: "max_open_files" }]];
}
