import type { Clock } from "../../../supervisor/base/clock.ts";
import type { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import type { Transport } from "../../../supervisor/client/types.ts";

const requestBounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** A transport whose requests are counted (client-go's `rest_client_*`). One that got no answer has the code `<error>`. */
export function measuredTransport(
  transport: Transport,
  registry: MetricsRegistry,
  { host, clock }: { readonly host: string; readonly clock: Clock },
): Transport {
  const total = registry.values(
    "counter",
    "rest_client_requests_total",
    "[ALPHA] Number of HTTP requests, partitioned by status code, method, and host.",
  );
  const seconds = registry.histogram(
    "rest_client_request_duration_seconds",
    "[ALPHA] Request latency in seconds. Broken down by verb, and host.",
    requestBounds,
  );
  return {
    fetch: async (path, init) => {
      const method = init?.method ?? "GET";
      const beganMs = clock.steady();
      let code = "<error>";
      try {
        const response = await transport.fetch(path, init);
        code = String(response.status);
        return response;
      } finally {
        total({ code, host, method }).add(1);
        seconds({ host, verb: method }).observe((clock.steady() - beganMs) / 1000);
      }
    },
  };
}
