import { validateCronJob, validateCronJobUpdate } from "../../../api/batch/v1/cron-job-validation.ts";
import { setCronJobDefaults } from "../../../api/batch/v1/job-defaults.ts";
import { jobSpecWarnings } from "../../../api/batch/v1/job-warnings.ts";
import type { V1CronJob } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import { selectorCell, selectorColumn, templateCells, templateColumns } from "../../pod-template-columns.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";
import { statusStrategy, workloadStrategy } from "../../workload-strategy.ts";
import { ownerNameWarnings } from "../../workload-warnings.ts";

type CronJob = Typed<V1CronJob>;

const table: TableDefinition = {
  columns: [
    nameColumn,
    column("Schedule", "The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron."),
    column("Timezone", "The time zone name for the given schedule."),
    column("Suspend", "This flag tells the controller to suspend subsequent executions.", {
      type: "boolean",
    }),
    column("Active", "A list of pointers to currently running jobs.", { type: "integer" }),
    column("Last Schedule", "Information when was the last time the job was successfully scheduled."),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells(object, nowMs) {
    // Decoding made this a CronJob.
    const { metadata, spec, status } = object as unknown as CronJob;
    const { suspend, jobTemplate } = spec ?? {};
    const last = status?.lastScheduleTime;
    return [
      metadata.name ?? "",
      spec?.schedule ?? "",
      spec?.timeZone ?? "<none>",
      suspend === undefined ? "<unset>" : suspend ? "True" : "False",
      (status?.active ?? []).length,
      last === undefined ? "<none>" : age(last, nowMs),
      age(metadata.creationTimestamp, nowMs),
      ...templateCells(jobTemplate?.spec?.template),
      selectorCell(jobTemplate?.spec?.selector),
    ];
  },
};

/** CronJobs (kubernetes `pkg/registry/batch/cronjob/strategy.go`). */
export const cronJobDefinition = defineResource({
  group: "batch",
  resource: "cronjobs",
  kind: "CronJob",
  namespaced: true,
  shortNames: ["cj"],
  categories: ["all"],
  strategy: workloadStrategy({
    emptyStatus: {},
    setDefaults: (cronJob: CronJob) => setCronJobDefaults(cronJob),
    validate: (cronJob: CronJob) => validateCronJob(cronJob),
    validateUpdate: (cronJob: CronJob, old: CronJob) => validateCronJobUpdate(cronJob, old),
    warnings: (cronJob: CronJob, old?: CronJob) => [
      ...ownerNameWarnings(cronJob, old),
      ...(cronJob.spec?.jobTemplate.spec
        ? jobSpecWarnings(cronJob.spec.jobTemplate.spec, "spec.jobTemplate.spec")
        : []),
    ],
  }),
  subresources: { status: { type: "part", strategy: statusStrategy() } },
  table,
});
