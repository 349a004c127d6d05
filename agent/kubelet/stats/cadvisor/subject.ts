import type { LabelValues } from "../../../../supervisor/base/metrics/metrics-registry.ts";
import type { FileSystemUsage, GroupUsage, NetworkUsage } from "../../../runtime/pod-sandbox-stats.ts";

/** Whom figures are of: a Pod as a whole, or a container. */
export interface Subject {
  readonly labels: LabelValues;
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly usage: GroupUsage;
  readonly root?: FileSystemUsage;
  readonly network?: NetworkUsage;
}

/** A value, with labels beside those of the subject. Nothing is told where it is undefined. */
export type Figure = readonly [value: number | undefined, labels?: LabelValues];

/** A metric under cAdvisor's name, type and sense, and what it says of a subject. */
export type ContainerMetric = readonly [
  type: "counter" | "gauge",
  name: string,
  help: string,
  read: (subject: Subject) => readonly Figure[],
];

/** A metric with one figure. */
export function single(
  type: "counter" | "gauge",
  name: string,
  help: string,
  read: (subject: Subject) => number | undefined,
): ContainerMetric {
  return [type, name, help, (subject) => [[read(subject)]]];
}
