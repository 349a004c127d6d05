/** How kubectl shows metrics (metrics-server `pkg/api/table.go`). */
import { column, nameColumn } from "../../registry/table.ts";
import type { NodeMetrics, PodMetrics } from "./metrics-objects.ts";

const columns = [
  { ...nameColumn, description: "Name of the resource" },
  column("cpu", "CPU usage"),
  column("memory", "Memory usage"),
  column("Window", "Window of the metrics", { format: "duration" }),
];

/** A row's object and the use of all that is in it. */
export interface MetricsRow {
  readonly object: NodeMetrics | PodMetrics;
  readonly usage: { readonly cpu: string; readonly memory: string };
}

export function metricsTable(rows: readonly MetricsRow[]): object {
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: {},
    columnDefinitions: columns,
    rows: rows.map(({ object: { metadata, window }, usage }) => ({
      cells: [metadata.name, usage.cpu, usage.memory, window],
      object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata },
    })),
  };
}
