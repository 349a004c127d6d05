import type { MetricsRegistry } from "../../base/metrics/metrics-registry.ts";
import type { FlowControl } from "./flow-control.ts";
import type { PriorityLevel } from "./priority-level.ts";

/** What upstream tells of priority levels (kubernetes `apiserver/pkg/util/flowcontrol/metrics`). */
export function addFlowMetrics(registry: MetricsRegistry, flows: FlowControl): void {
  const gauge = (name: string, help: string, read: (level: PriorityLevel) => number): void =>
    registry.collected("gauge", `apiserver_flowcontrol_${name}`, help, () =>
      Array.from(flows.levels(), (level) => ({ labels: { priority_level: level.name }, value: read(level) })),
    );
  gauge("current_executing_seats", "Seats in use by the requests being served.", ({ used }) => used);
  gauge("current_inqueue_requests", "Requests that wait for a seat.", ({ waiting }) => waiting);
  gauge("nominal_limit_seats", "Seats of a level's own.", ({ limits }) => limits.seats);
  registry.collected(
    "counter",
    "apiserver_flowcontrol_rejected_requests_total",
    "Requests that found no seat.",
    () =>
      Array.from(flows.levels(), ({ name, rejected }) => ({
        labels: { priority_level: name },
        value: rejected,
      })),
  );
}
