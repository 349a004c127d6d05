/** Which APIServices do not answer, by the names of kube-aggregator (`pkg/controllers/status/metrics`). */
import type { MetricsRegistry } from "../../base/metrics/metrics-registry.ts";
import type { RegisteredApi } from "./remote-api.ts";

export class AvailabilityMetrics {
  readonly #lost: ReturnType<MetricsRegistry["values"]>;

  /** `registered` gives the APIServices of now. */
  constructor(metrics: MetricsRegistry, registered: () => Iterable<RegisteredApi>) {
    this.#lost = metrics.values(
      "counter",
      "aggregator_unavailable_apiservice_total",
      "Counter of APIServices which are marked as unavailable broken down by APIService name and reason.",
    );
    metrics.collected(
      "gauge",
      "aggregator_unavailable_apiservice",
      "Gauge of APIServices which are marked as unavailable broken down by APIService name.",
      () =>
        Array.from(registered(), ({ name, remote }) => ({
          labels: { name },
          value: remote === undefined || remote.available ? 0 : 1,
        })),
    );
  }

  /** An APIService that was available no longer is. */
  lost(name: string, reason = "UnknownReason"): void {
    this.#lost({ name, reason }).add(1);
  }
}
