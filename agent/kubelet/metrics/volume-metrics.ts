import type { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import type { Summary, VolumeStats } from "../stats/summary.ts";

const texts: ReadonlyArray<readonly [string, string, keyof VolumeStats]> = [
  ["kubelet_volume_stats_capacity_bytes", "Capacity in bytes of the volume", "capacityBytes"],
  ["kubelet_volume_stats_available_bytes", "Number of available bytes in the volume", "availableBytes"],
  ["kubelet_volume_stats_used_bytes", "Number of used bytes in the volume", "usedBytes"],
  ["kubelet_volume_stats_inodes", "Maximum number of inodes in the volume", "inodes"],
  ["kubelet_volume_stats_inodes_free", "Number of free inodes in the volume", "inodesFree"],
  ["kubelet_volume_stats_inodes_used", "Number of used inodes in the volume", "inodesUsed"],
];

/** Adds what claims hold (kubelet `pkg/kubelet/metrics/collectors/volume_stats.go`). */
export function addVolumeMetrics(registry: MetricsRegistry, summary: () => Promise<Summary>): void {
  for (const [name, help, field] of texts) {
    registry.collected("gauge", name, `[ALPHA] ${help}`, async () => {
      const volumes = (await summary()).pods.flatMap(({ volume = [] }) => volume);
      return volumes.flatMap((volume) => {
        const value = volume[field];
        if (!volume.pvcRef || typeof value !== "number") return [];
        const { namespace, name: claim } = volume.pvcRef;
        return [{ labels: { namespace, persistentvolumeclaim: claim }, value }];
      });
    });
  }
}
