import type { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";

const pullBounds = [1, 5, 10, 20, 30, 60, 180, 300, 600, 900, 1200, 1800, 2700, 3600];
const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

/** The sizes that pulls are told apart by: above so many bytes, from the largest on. */
const sizes: ReadonlyArray<readonly [aboveBytes: number, label: string]> = [
  [100 * gibibyte, "GT100GB"],
  [60 * gibibyte, "60GB-100GB"],
  [40 * gibibyte, "40GB-60GB"],
  [30 * gibibyte, "30GB-40GB"],
  [20 * gibibyte, "20GB-30GB"],
  [10 * gibibyte, "10GB-20GB"],
  [5 * gibibyte, "5GB-10GB"],
  [gibibyte, "1GB-5GB"],
  [500 * mebibyte, "500MB-1GB"],
  [100 * mebibyte, "100MB-500MB"],
  [10 * mebibyte, "10MB-100MB"],
  [0, "0-10MB"],
];

/** Images that were pulled, and those that went for want of room (kubelet `pkg/kubelet/metrics/metrics.go`). */
export class ImageMetrics {
  readonly #pulls: ReturnType<MetricsRegistry["histogram"]>;
  readonly #collected: ReturnType<MetricsRegistry["values"]>;

  constructor(registry: MetricsRegistry) {
    this.#pulls = registry.histogram(
      "kubelet_image_pull_duration_seconds",
      "[ALPHA] Duration in seconds to pull an image.",
      pullBounds,
    );
    this.#collected = registry.values(
      "counter",
      "kubelet_image_garbage_collected_total",
      "[ALPHA] Total number of images garbage collected by the kubelet, whether through disk usage or image age.",
    );
  }

  pulled(sizeBytes: number, durationMs: number): void {
    const size = sizes.find(([aboveBytes]) => sizeBytes > aboveBytes)?.[1] ?? "N/A";
    this.#pulls({ image_size_in_bytes: size }).observe(durationMs / 1000);
  }

  /** An image went because the disk was full; of others there are none here. */
  collected(): void {
    this.#collected({ reason: "space" }).add(1);
  }
}
