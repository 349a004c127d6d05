import type { Clock } from "../../../supervisor/base/clock.ts";
import { type LabelValues, MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import { addProcessMetrics } from "../../../supervisor/base/metrics/process-metrics.ts";
import { kubernetesVersion } from "../../../supervisor/base/version.ts";
import { durationBounds } from "./duration-bounds.ts";
import { ImageMetrics } from "./image-metrics.ts";
import { OperationMetrics } from "./operation-metrics.ts";
import { PodStartMetrics } from "./pod-start-metrics.ts";
import { PodWorkMetrics } from "./pod-work-metrics.ts";
import { ProbeMetrics } from "./probe-metrics.ts";
import { StorageMetrics } from "./storage-metrics.ts";

const longRunning = new Set(["exec", "attach", "portForward", "debug"]);

/** What is counted of the daemon itself, under the kubelet's names (`pkg/kubelet/metrics/metrics.go`). */
export class KubeletMetrics {
  /** `/metrics`; other parts add what they count. */
  readonly registry: MetricsRegistry;
  /** `/metrics/probes`. */
  readonly probesRegistry = new MetricsRegistry();
  readonly starts: PodStartMetrics;
  readonly work: PodWorkMetrics;
  readonly operations: OperationMetrics;
  readonly images: ImageMetrics;
  readonly probes: ProbeMetrics;
  readonly storage: StorageMetrics;
  readonly #requests: ReturnType<MetricsRegistry["values"]>;
  readonly #durations: ReturnType<MetricsRegistry["histogram"]>;
  readonly #evictions: ReturnType<MetricsRegistry["values"]>;

  constructor(nodeName: string, clock: Clock, registry: MetricsRegistry = new MetricsRegistry()) {
    this.registry = registry;
    addProcessMetrics(registry);
    addFacts(registry, nodeName);
    this.starts = new PodStartMetrics(registry, clock);
    this.work = new PodWorkMetrics(registry, this.starts, clock);
    this.operations = new OperationMetrics(registry, clock);
    this.images = new ImageMetrics(registry);
    this.storage = new StorageMetrics(registry, clock);
    this.probes = new ProbeMetrics(this.probesRegistry, clock);
    this.#requests = registry.values(
      "counter",
      "kubelet_http_requests_total",
      "[ALPHA] Number of the http requests received since the server started",
    );
    this.#durations = registry.histogram(
      "kubelet_http_requests_duration_seconds",
      "[ALPHA] Duration in seconds to serve http requests",
      durationBounds,
    );
    this.#evictions = registry.values(
      "counter",
      "kubelet_evictions",
      "[ALPHA] Cumulative number of pod evictions by eviction signal",
    );
  }

  countRequest(method: string, path: string, durationMs: number): void {
    const labels = {
      long_running: String(longRunning.has(path)),
      method,
      path,
      server_type: "readwrite",
    };
    this.#requests(labels).add(1);
    this.#durations(labels).observe(durationMs / 1000);
  }

  countEviction(signal: string): void {
    this.#evictions({ eviction_signal: signal }).add(1);
  }
}

function addFacts(registry: MetricsRegistry, nodeName: string): void {
  const constant = (name: string, help: string, labels: LabelValues): void =>
    registry.collected("gauge", name, `[ALPHA] ${help}`, () => [{ labels, value: 1 }]);
  constant("kubelet_node_name", "The node's name. The count is always 1.", { node: nodeName });
  constant(
    "kubernetes_build_info",
    "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    buildLabels(),
  );
}

function buildLabels(): LabelValues {
  const [major = "", minor = ""] = kubernetesVersion.slice(1).split(".");
  return {
    build_date: "1970-01-01T00:00:00Z",
    compiler: "bun",
    git_commit: "",
    git_tree_state: "clean",
    git_version: kubernetesVersion,
    go_version: "",
    major,
    minor,
    platform: `linux/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}
