import type { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import { durationBounds } from "./duration-bounds.ts";

/** Counts what is done with machines' control groups, under the kubelet's name (`CgroupManagerDuration`). */
export function cgroupMetrics(registry: MetricsRegistry): (operation: string, seconds: number) => void {
  const durations = registry.histogram(
    "kubelet_cgroup_manager_duration_seconds",
    "[ALPHA] Duration in seconds for cgroup manager operations. Broken down by method.",
    durationBounds,
  );
  return (operation, seconds) => durations({ operation_type: operation }).observe(seconds);
}
