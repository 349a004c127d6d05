/** Validation of CronJobs, with the texts of kubernetes `pkg/apis/batch/validation`. */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import type { ObjectMeta } from "../../../apimachinery/object-meta.ts";
import { validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import type { V1CronJobSpec, V1JobTemplateSpec } from "../../generated/types.ts";
import { checkSchedule, isTimeZone, ScheduleError } from "./cron-schedule.ts";
import { validateJobSpec } from "./job-validation.ts";

interface ValidatedCronJob {
  readonly metadata: ObjectMeta;
  readonly spec?: V1CronJobSpec;
}

const policies = ["Allow", "Forbid", "Replace"];
/** Names of its Jobs are eleven characters longer. */
const maxNameLength = 52;

export function validateCronJob(cronJob: ValidatedCronJob): FieldError[] {
  const errors = validateSpec(cronJob.spec, undefined);
  const { name = "" } = cronJob.metadata;
  if (name.length > maxNameLength) {
    errors.push(invalidField("metadata.name", name, "must be no more than 52 characters"));
  }
  return errors;
}

export function validateCronJobUpdate(cronJob: ValidatedCronJob, old: ValidatedCronJob): FieldError[] {
  return validateSpec(cronJob.spec, old.spec);
}

function validateSpec(spec: V1CronJobSpec | undefined, old: V1CronJobSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (spec === undefined) return [requiredField("spec.schedule")];
  if (!spec.schedule) errors.push(requiredField("spec.schedule"));
  else validateSchedule(spec, old?.schedule.includes("TZ") ?? false, errors);
  validateNonNegative(spec, "spec", ["startingDeadlineSeconds"], errors);
  if (spec.timeZone !== undefined && spec.timeZone !== old?.timeZone) validateTimeZone(spec.timeZone, errors);
  const { concurrencyPolicy: policy } = spec;
  if (!policy) errors.push(requiredField("spec.concurrencyPolicy"));
  else if (!policies.includes(policy)) {
    errors.push(notSupportedField("spec.concurrencyPolicy", policy, policies));
  }
  validateJobTemplate(spec.jobTemplate, errors);
  validateNonNegative(spec, "spec", ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"], errors);
  return errors;
}

/** A zone within the schedule is taken only where there was one before. */
function validateSchedule(
  { schedule, timeZone }: V1CronJobSpec,
  hadZone: boolean,
  errors: FieldError[],
): void {
  const path = "spec.schedule";
  try {
    checkSchedule(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    errors.push(invalidField(path, schedule, error.message));
  }
  if (!schedule.includes("TZ")) return;
  if (!hadZone) {
    const detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
    errors.push(invalidField(path, schedule, detail));
  } else if (timeZone !== undefined) {
    const detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
    errors.push(invalidField(path, schedule, detail));
  }
}

function validateTimeZone(timeZone: string, errors: FieldError[]): void {
  const path = "spec.timeZone";
  if (timeZone === "") {
    errors.push(invalidField(path, timeZone, "timeZone must be nil or non-empty string"));
  } else if (/^local$/i.test(timeZone)) {
    const detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    errors.push(invalidField(path, timeZone, detail));
  } else if (!isTimeZone(timeZone)) {
    errors.push(invalidField(path, timeZone, `unknown time zone ${timeZone}`));
  }
}

function validateJobTemplate({ spec }: V1JobTemplateSpec, errors: FieldError[]): void {
  const path = "spec.jobTemplate.spec";
  if (spec === undefined) {
    errors.push(requiredField(`${path}.template`));
    return;
  }
  validateJobSpec(spec, path, errors);
  if (spec.selector !== undefined) {
    errors.push(invalidField(`${path}.selector`, spec.selector, "`selector` will be auto-generated"));
  }
  if (spec.manualSelector) {
    errors.push(notSupportedField(`${path}.manualSelector`, spec.manualSelector, ["nil", "false"]));
  }
}
