import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { MetricsPage, NodeReports } from "../../server/node-reports.ts";
import type { KubeletMetrics } from "../metrics/kubelet-metrics.ts";
import { addVolumeMetrics } from "../metrics/volume-metrics.ts";
import { imageAnnotation } from "../sandbox/pod-identity.ts";
import type { StatsProvider } from "./stats-provider.ts";

export interface KubeletReportsOptions {
  readonly stats: StatsProvider;
  readonly metrics: KubeletMetrics;
  readonly runtime: Runtime;
  readonly configuration: object;
}

/** What this host tells of itself. */
export class KubeletReports implements NodeReports {
  readonly #options: KubeletReportsOptions;
  #servingCertificate: string | undefined;

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
        return await metrics.probesRegistry.text();
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

  /** PEM; undefined without a port of the host's own. */
  get servingCertificate(): string | undefined {
    return this.#servingCertificate;
  }

  showsCertificate(certificatePem: string): void {
    this.#servingCertificate = certificatePem;
  }

  countRequest(method: string, place: string, durationMs: number): void {
    this.#options.metrics.countRequest(method, place, durationMs);
  }
}
