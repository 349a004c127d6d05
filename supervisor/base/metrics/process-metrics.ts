import { readdir } from "node:fs/promises";
import type { MetricsRegistry } from "./metrics-registry.ts";

/** What Prometheus' client libraries tell of every process. */
export function addProcessMetrics(registry: MetricsRegistry): void {
  const startSeconds = Date.now() / 1000 - process.uptime();
  const value = (read: () => number) => () => [{ labels: {}, value: read() }];
  registry.collected(
    "counter",
    "process_cpu_seconds_total",
    "Total user and system CPU time spent in seconds.",
    value(() => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }),
  );
  registry.collected(
    "gauge",
    "process_resident_memory_bytes",
    "Resident memory size in bytes.",
    value(() => process.memoryUsage.rss()),
  );
  registry.collected(
    "gauge",
    "process_start_time_seconds",
    "Start time of the process since unix epoch in seconds.",
    value(() => startSeconds),
  );
  registry.collected("gauge", "process_open_fds", "Number of open file descriptors.", async () => [
    { labels: {}, value: (await readdir("/proc/self/fd")).length },
  ]);
}
