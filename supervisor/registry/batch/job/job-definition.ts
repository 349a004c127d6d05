import { setJobDefaults } from "../../../api/batch/v1/job-defaults.ts";
import { validateJobStatus } from "../../../api/batch/v1/job-status-validation.ts";
import { validateJob, validateJobUpdate } from "../../../api/batch/v1/job-validation.ts";
import { jobSpecWarnings } from "../../../api/batch/v1/job-warnings.ts";
import type { V1Job } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { statusStrategy, workloadStrategy } from "../../workload-strategy.ts";
import { ownerNameWarnings } from "../../workload-warnings.ts";
import { generateJobSelector } from "./job-selector.ts";
import { jobTable } from "./job-table.ts";

type Job = Typed<V1Job>;

/** Jobs (kubernetes `pkg/registry/batch/job/strategy.go`). */
export const jobDefinition = defineResource({
  group: "batch",
  resource: "jobs",
  kind: "Job",
  namespaced: true,
  categories: ["all"],
  strategy: workloadStrategy({
    emptyStatus: {},
    defaultPropagation: "Orphan",
    defaultPropagationWarning:
      "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
    setDefaults: (job: Job) => setJobDefaults(job),
    validate: (job: Job) => validateJob(job),
    validateUpdate: (job: Job, old: Job) => validateJobUpdate(job, old),
    warnings: (job: Job, old?: Job) => [
      ...ownerNameWarnings(job, old),
      ...(job.spec ? jobSpecWarnings(job.spec, "spec") : []),
    ],
    prepareForCreate: (job: Job) => generateJobSelector(job),
  }),
  subresources: {
    status: {
      type: "part",
      strategy: statusStrategy({ validateUpdate: (job: Job, old: Job) => validateJobStatus(job, old) }),
    },
  },
  table: jobTable,
  selectableFields: ({ status }: Job) => ({ "status.successful": String(status?.succeeded ?? 0) }),
});
