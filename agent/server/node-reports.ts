/** What the kubelet server tells of the node itself. The server owns this interface; the Spherelet implements it. */
import type { V1Pod } from "../../supervisor/api/generated/types.ts";

/** A page of metrics: `/metrics`, or `/metrics/NAME`. */
export type MetricsPage = "kubelet" | "cadvisor" | "probes" | "resource";

export interface NodeReports {
  /** The Summary API, whole or with processors and memory alone. Rejects where the box cannot be read. */
  summary(onlyCpuAndMemory: boolean): Promise<object>;

  /** In Prometheus' text format. */
  metrics(page: MetricsPage): Promise<string>;

  /** The kubelet's configuration, as `kubelet.config.k8s.io/v1beta1` names its fields. */
  configuration(): object;

  /** The Pods that have a machine, as far as the runtime itself knows them. */
  runningPods(): readonly V1Pod[];

  /** Told of the certificate (PEM) that the host's own port shows from now on. */
  showsCertificate(certificatePem: string): void;

  /** Told of each request: its method, its place as the metrics name it, and how long it took. */
  countRequest(method: string, place: string, durationMs: number): void;
}
