import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { MetricsPage, NodeReports } from "../../server/node-reports.ts";
import { imageAnnotation } from "../sandbox/pod-identity.ts";
import type { KubeletMetrics } from "./kubelet-metrics.ts";
import type { StatsProvider } from "./stats-provider.ts";
import { addVolumeMetrics } from "./volume-metrics.ts";

export interface KubeletReportsOptions {
  readonly stats: StatsProvider;
  readonly metrics: KubeletMetrics;
  readonly runtime: Runtime;
  readonly configuration: object;
}

/** What this host tells of itself. */
export class KubeletReports implements NodeReports {
  readonly #options: KubeletReportsOptions;
  /** Of probes, which have a page of their own. */
  readonly probes = new MetricsRegistry();

  constructor(options: KubeletReportsOptions) {
    this.#options = options;
    addVolumeMetrics(options.metrics.registry, () => options.stats.summary());
  }

  async summary(onlyCpuAndMemory: boolean): Promise<object> {
    const { stats } = this.#options;
    return onlyCpuAndMemory ? await stats.cpuAndMemory() : await stats.summary();
  }

  async metrics(page: MetricsPage): Promise<string> {
    const { stats, metrics } = this.#options;
    switch (page) {
      case "cadvisor":
        return await stats.cadvisorMetrics();
      case "resource":
        return await stats.resourceMetrics();
      case "probes":
        return await this.probes.text();
      case "kubelet":
        return await metrics.registry.text();
    }
  }

  configuration(): object {
    return this.#options.configuration;
  }

  runningPods(): readonly V1Pod[] {
    const { runtime } = this.#options;
    const ready = runtime.listPodSandboxes().filter(({ state }) => state === "ready");
    return ready.map(({ id, metadata: { namespace, name, uid } }) => ({
      metadata: { namespace, name, uid },
      spec: {
        containers: runtime
          .listContainers(id)
          .filter(({ state }) => state === "running")
          .map(({ metadata, annotations }) => ({
            name: metadata.name,
            image: annotations[imageAnnotation] ?? "",
            resources: {},
          })),
      },
      status: {},
    }));
  }

  countRequest(method: string, place: string, durationMs: number): void {
    this.#options.metrics.countRequest(method, place, durationMs);
  }
}
