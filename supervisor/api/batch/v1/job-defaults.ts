import type { Mutable } from "../../../apimachinery/mutable.ts";
import { setPodTemplateDefaults } from "../../core/v1/pod/pod-defaults.ts";
import type { V1CronJob, V1Job, V1JobSpec } from "../../generated/types.ts";

type Job = Pick<Mutable<V1Job>, "spec"> & { metadata: { labels?: Record<string, string> } };

const maxInt32 = 2 ** 31 - 1;

/** Kubernetes `SetDefaults_Job`. */
export function setJobDefaults(job: Job): void {
  job.spec ??= { template: {} };
  const { spec, metadata } = job;
  setJobSpecDefaults(spec);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : maxInt32;
  const labels = spec.template.metadata?.labels;
  if (labels !== undefined && Object.keys(metadata.labels ?? {}).length === 0)
    metadata.labels = { ...labels };
  spec.completionMode ||= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
  spec.manualSelector ??= false;
}

/** What the specs within a CronJob are given too. */
function setJobSpecDefaults(spec: Mutable<V1JobSpec>): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= "True";
  }
  setPodTemplateDefaults(spec.template);
}

/** Kubernetes `SetDefaults_CronJob`. */
export function setCronJobDefaults({ spec }: Pick<Mutable<V1CronJob>, "spec">): void {
  if (spec === undefined) return;
  spec.concurrencyPolicy ||= "Allow";
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  if (spec.jobTemplate.spec) setJobSpecDefaults(spec.jobTemplate.spec);
}
