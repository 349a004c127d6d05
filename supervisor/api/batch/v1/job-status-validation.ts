/** Validation of what is reported about a Job, with the texts of kubernetes `pkg/apis/batch/validation`. */
import {
  duplicateField,
  type FieldError,
  invalidField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import type { V1JobStatus } from "../../generated/types.ts";
import type { ValidatedJob } from "./job-validation.ts";

type Refuse = (why: string) => void;

function holds({ status }: ValidatedJob, type: string): boolean {
  return (status?.conditions ?? []).some((one) => one.type === type && one.status === "True");
}

export function validateJobStatus(job: ValidatedJob, old: ValidatedJob): FieldError[] {
  const errors: FieldError[] = [];
  const status = job.status ?? {};
  const before = old.status ?? {};
  validateNonNegative(status, "status", ["active", "succeeded", "failed", "ready", "terminating"], errors);
  validateUncounted(status, errors);
  const refuse: Refuse = (why) => {
    errors.push({ type: "FieldValueInvalid", field: "status.conditions", body: `Invalid value: ${why}` });
  };
  validateConditions(job, old, refuse);
  if (!equalJson(status, before)) {
    validateTimes(job, before, errors);
    validateCounts(job, before, errors);
  }
  return errors;
}

function validateUncounted({ uncountedTerminatedPods: pods }: V1JobStatus, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const field of ["succeeded", "failed"] as const) {
    pods?.[field]?.forEach((uid, index) => {
      const path = `status.uncountedTerminatedPods.${field}[${index}]`;
      if (uid === "") errors.push(invalidField(path, uid, "must not be empty"));
      else if (seen.has(uid)) errors.push(duplicateField(path, uid));
      seen.add(uid);
    });
  }
}

function validateConditions(job: ValidatedJob, old: ValidatedJob, refuse: Refuse): void {
  const complete = holds(job, "Complete");
  const failed = holds(job, "Failed");
  const failing = holds(job, "FailureTarget");
  const met = holds(job, "SuccessCriteriaMet");
  if (complete && failed) refuse("cannot set Complete=True and Failed=true conditions");
  if (complete && failing) refuse("cannot set Complete=True and FailureTarget=true conditions");
  if (failed && !failing && !holds(old, "Failed")) {
    refuse("cannot set Failed=True condition without the FailureTarget=true condition");
  }
  if (complete && !met && !holds(old, "Complete")) {
    refuse("cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
  }
  if (met && failed) refuse("cannot set SuccessCriteriaMet=True and Failed=true conditions");
  if (met && failing) refuse("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
  if (job.spec?.successPolicy && complete && !met) {
    refuse("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
  }
  for (const type of ["Failed", "Complete", "FailureTarget"]) {
    if (holds(old, type) && !holds(job, type)) refuse(`cannot disable the terminal ${type}=True condition`);
  }
  if (holds(old, "SuccessCriteriaMet") && !met)
    refuse("cannot disable the SuccessCriteriaMet=True condition");
  if (holds(old, "Complete") && !holds(old, "SuccessCriteriaMet") && met) {
    refuse("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
  }
}

function validateTimes(job: ValidatedJob, before: V1JobStatus, errors: FieldError[]): void {
  const { startTime, completionTime } = job.status ?? {};
  const complete = holds(job, "Complete");
  const field = "status.completionTime";
  if (completionTime !== undefined && !complete) {
    const detail = "cannot set completionTime when there is no Complete=True condition";
    errors.push(invalidField(field, completionTime, detail));
  }
  if (completionTime === undefined && complete) {
    errors.push(requiredField(field, "completionTime is required for Complete jobs"));
  }
  if (startTime !== undefined && completionTime !== undefined && completionTime < startTime) {
    errors.push(invalidField(field, completionTime, "completionTime cannot be set before startTime"));
  }
  if (before.completionTime !== undefined && completionTime !== undefined) {
    if (completionTime !== before.completionTime) {
      errors.push(invalidField(field, completionTime, "completionTime cannot be mutated"));
    }
  }
  const isFinished = complete || holds(job, "Failed");
  if (isFinished && startTime === undefined) {
    errors.push(requiredField("status.startTime", "startTime is required for finished job"));
  }
  if (before.startTime !== undefined && startTime !== before.startTime && !job.spec?.suspend) {
    const detail = "startTime cannot be removed for unsuspended job";
    errors.push(requiredField("status.startTime", detail));
  }
}

function validateCounts(job: ValidatedJob, before: V1JobStatus, errors: FieldError[]): void {
  const { active = 0, ready = 0, terminating = 0, failed = 0, succeeded = 0 } = job.status ?? {};
  if (holds(job, "Complete") || holds(job, "Failed")) {
    if (active > 0)
      errors.push(invalidField("status.active", active, "active>0 is invalid for finished job"));
    if (terminating > 0) {
      errors.push(
        invalidField("status.terminating", terminating, "terminating>0 is invalid for finished job"),
      );
    }
    const { failed: lost = [], succeeded: done = [] } = job.status?.uncountedTerminatedPods ?? {};
    if (lost.length + done.length > 0) {
      const detail = "uncountedTerminatedPods needs to be empty for finished job";
      errors.push(
        invalidField("status.uncountedTerminatedPods", job.status?.uncountedTerminatedPods, detail),
      );
    }
  }
  if (ready > active)
    errors.push(invalidField("status.ready", ready, "cannot set more ready pods than active"));
  if (failed < (before.failed ?? 0)) {
    errors.push(invalidField("status.failed", failed, "cannot decrease the failed counter"));
  }
  if (succeeded < (before.succeeded ?? 0)) {
    errors.push(invalidField("status.succeeded", succeeded, "cannot decrease the succeeded counter"));
  }
}
