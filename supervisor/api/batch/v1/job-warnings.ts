import { podTemplateWarnings } from "../../core/v1/pod/pod-warnings.ts";
import type { V1JobSpec } from "../../generated/types.ts";

/** Beyond these an Indexed Job may be more than what its status can say. */
const completionsSoftLimit = 100_000;
const parallelismSoftLimit = 10_000;
const tooManyIndexes =
  "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";

/** What clients are told of a Job that is taken (kubernetes `pkg/api/job/warnings.go`). */
export function jobSpecWarnings(spec: V1JobSpec, path: string): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec;
  const isLarge = completions > completionsSoftLimit && parallelism > parallelismSoftLimit;
  return [
    ...(completionMode === "Indexed" && isLarge ? [`${path}: ${tooManyIndexes}`] : []),
    ...podTemplateWarnings(template, `${path}.template`),
  ];
}
