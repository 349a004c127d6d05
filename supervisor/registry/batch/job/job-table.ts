/** The columns that kubectl shows for Jobs (kubernetes `pkg/printers/internalversion`, `printJob`). */
import type { V1Job } from "../../../api/generated/types.ts";
import { humanDuration } from "../../human-duration.ts";
import { selectorCell, selectorColumn, templateCells, templateColumns } from "../../pod-template-columns.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";

type Job = Typed<V1Job>;

export const jobTable: TableDefinition = {
  columns: [
    nameColumn,
    column("Status", "Status of the job."),
    column("Completions", "The desired number of successfully finished pods the job should be run with."),
    column("Duration", "Time required to complete the job."),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells(object, nowMs) {
    // Decoding made this a Job.
    const job = object as unknown as Job;
    return [
      job.metadata.name ?? "",
      jobStatus(job),
      completions(job),
      duration(job, nowMs),
      age(job.metadata.creationTimestamp, nowMs),
      ...templateCells(job.spec?.template),
      selectorCell(job.spec?.selector),
    ];
  },
};

function jobStatus(job: Job): string {
  const holds = (type: string) =>
    (job.status?.conditions ?? []).some(
      (condition) => condition.type === type && condition.status === "True",
    );
  if (holds("Complete")) return "Complete";
  if (holds("Failed")) return "Failed";
  if (job.metadata.deletionTimestamp !== undefined) return "Terminating";
  const word = ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(holds);
  return word ?? "Running";
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status }: Job, nowMs: number): string {
  if (status?.startTime === undefined) return "";
  const endMs = status.completionTime === undefined ? nowMs : Date.parse(status.completionTime);
  return humanDuration(endMs - Date.parse(status.startTime));
}
