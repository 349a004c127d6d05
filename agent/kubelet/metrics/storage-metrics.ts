import type { Clock } from "../../../supervisor/base/clock.ts";
import type { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";

const operationBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600];

/** The plugins of the volumes that are to be in machines, and of those that are; each as often as it has volumes. */
export interface ManagedVolumes {
  readonly desired: readonly string[];
  readonly actual: readonly string[];
}

type StorageOperation = "volume_mount" | "map_volume" | "volume_fs_resize";
type Status = "success" | "fail-unknown";

/** What is done with volumes (`pkg/volume/util/metrics.go`, `pkg/kubelet/volumemanager/metrics`). */
export class StorageMetrics {
  readonly #clock: Clock;
  readonly #durations: ReturnType<MetricsRegistry["histogram"]>;
  #volumes: () => ManagedVolumes = () => ({ desired: [], actual: [] });

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    this.#durations = registry.histogram(
      "storage_operation_duration_seconds",
      "[ALPHA] Storage operation duration",
      operationBounds,
    );
    registry.collected(
      "gauge",
      "volume_manager_total_volumes",
      "[ALPHA] Number of volumes in Volume Manager",
      () => {
        const { desired, actual } = this.#volumes();
        return [...counts(desired, "desired_state_of_world"), ...counts(actual, "actual_state_of_world")];
      },
    );
  }

  /** Whom to ask what there is. */
  countVolumes(volumes: () => ManagedVolumes): void {
    this.#volumes = volumes;
  }

  /** Does something with volumes of these plugins at once; each counts. */
  async measured<T>(
    operation: StorageOperation,
    plugins: readonly string[],
    work: () => Promise<T>,
  ): Promise<T> {
    const beganMs = this.#clock.steady();
    let status: Status = "fail-unknown";
    try {
      const result = await work();
      status = "success";
      return result;
    } finally {
      const seconds = (this.#clock.steady() - beganMs) / 1000;
      for (const plugin of plugins) this.#observe(operation, plugin, status, seconds);
    }
  }

  /** Something with a volume of this plugin failed before it was begun. */
  failed(operation: StorageOperation, plugin: string): void {
    this.#observe(operation, plugin, "fail-unknown", 0);
  }

  #observe(operation: StorageOperation, plugin: string, status: Status, seconds: number): void {
    const labels = { migrated: "false", operation_name: operation, status, volume_plugin: plugin };
    this.#durations(labels).observe(seconds);
  }
}

function counts(plugins: readonly string[], state: string) {
  return [...new Set(plugins)].map((plugin) => ({
    labels: { plugin_name: plugin, state },
    value: plugins.filter((each) => each === plugin).length,
  }));
}
