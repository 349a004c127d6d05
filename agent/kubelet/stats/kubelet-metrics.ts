import {
  type HistogramSeries,
  type LabelValues,
  MetricsRegistry,
  type Series,
} from "../../../supervisor/base/metrics/metrics-registry.ts";
import { addProcessMetrics } from "../../../supervisor/base/metrics/process-metrics.ts";
import { kubernetesVersion } from "../../../supervisor/base/version.ts";
import type { Runtime } from "../../runtime/runtime.ts";

const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const longRunning = new Set(["exec", "attach", "portForward", "debug"]);

/** What is counted of the daemon itself, under the kubelet's names (`pkg/kubelet/metrics/metrics.go`). */
export class KubeletMetrics {
  /** Other parts add what they count. */
  readonly registry = new MetricsRegistry();
  readonly #requests: (labels: LabelValues) => Series;
  readonly #durations: (labels: LabelValues) => HistogramSeries;
  readonly #evictions: (labels: LabelValues) => Series;

  constructor(nodeName: string, runtime: Runtime) {
    const { registry } = this;
    addProcessMetrics(registry);
    const constant = (name: string, help: string, labels: LabelValues): void =>
      registry.collected("gauge", name, `[ALPHA] ${help}`, () => [{ labels, value: 1 }]);
    constant("kubelet_node_name", "The node's name. The count is always 1.", { node: nodeName });
    constant(
      "kubernetes_build_info",
      "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
      buildLabels(),
    );
    addRunning(registry, runtime);
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

function addRunning(registry: MetricsRegistry, runtime: Runtime): void {
  registry.collected(
    "gauge",
    "kubelet_running_pods",
    "[BETA] Number of pods that have a running pod sandbox",
    () => [{ labels: {}, value: runtime.listPodSandboxes().filter(({ state }) => state === "ready").length }],
  );
  registry.collected(
    "gauge",
    "kubelet_running_containers",
    "[BETA] Number of containers currently running",
    () => {
      const counts = new Map<string, number>();
      for (const { state } of runtime.listContainers()) counts.set(state, (counts.get(state) ?? 0) + 1);
      return Array.from(counts, ([state, value]) => ({ labels: { container_state: state }, value }));
    },
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
