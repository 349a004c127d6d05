import type { V1Job } from "../../../api/generated/types.ts";
import type { Typed } from "../../resource-definition.ts";

/** The labels by which a Job's Pods are told from all others, in their newer and older names. */
const jobNameLabels = ["batch.kubernetes.io/job-name", "job-name"] as const;
const controllerUidLabels = ["batch.kubernetes.io/controller-uid", "controller-uid"] as const;

/** Labels the Pods with the Job's name and uid and selects by the uid, unless the user does that. */
export function generateJobSelector({ metadata, spec }: Typed<V1Job>): void {
  if (spec === undefined || spec.manualSelector) return;
  const { name = "", uid = "" } = metadata;
  spec.template.metadata ??= {};
  const labels = spec.template.metadata.labels ?? {};
  for (const label of jobNameLabels) labels[label] ??= name;
  for (const label of controllerUidLabels) labels[label] ??= uid;
  spec.template.metadata.labels = labels;
  spec.selector ??= {};
  spec.selector.matchLabels ??= {};
  spec.selector.matchLabels[controllerUidLabels[0]] ??= uid;
}
