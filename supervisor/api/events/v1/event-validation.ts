/** Validation of events, with the texts of kubernetes `pkg/apis/core/validation/events.go`. */
import {
  type FieldError,
  invalidField,
  requiredField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import { checkQualifiedName } from "../../../apimachinery/validation/formats.ts";
import type { CoreV1Event, EventsV1Event } from "../../generated/types.ts";

type Meta = { readonly metadata: { readonly namespace?: string } };

const maxReasonBytes = 128;
const maxNoteBytes = 1024;

/** Events about things without a namespace live in `default`. */
function validateNamespace(subjectNamespace: string, eventNamespace: string, field: string): FieldError[] {
  const fits =
    subjectNamespace === ""
      ? eventNamespace === "" || eventNamespace === "default"
      : subjectNamespace === eventNamespace;
  return fits ? [] : [invalidField(field, subjectNamespace, "does not match event.namespace")];
}

export function validateCoreEvent(event: Pick<CoreV1Event, "involvedObject"> & Meta): FieldError[] {
  const subject = event.involvedObject?.namespace ?? "";
  return validateNamespace(subject, event.metadata.namespace ?? "", "involvedObject.namespace");
}

export function validateEvent(
  event: Pick<
    EventsV1Event,
    | "eventTime"
    | "regarding"
    | "reportingController"
    | "reportingInstance"
    | "action"
    | "reason"
    | "type"
    | "note"
  > &
    Meta,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!event.eventTime) errors.push(requiredField("eventTime"));
  if (!event.reportingController) errors.push(requiredField("reportingController"));
  else {
    for (const message of checkQualifiedName(event.reportingController)) {
      errors.push(invalidField("reportingController", event.reportingController, message));
    }
  }
  for (const field of ["reportingInstance", "action", "reason"] as const) {
    const value = event[field];
    if (!value) errors.push(requiredField(field));
    else if (Buffer.byteLength(value) > maxReasonBytes) errors.push(tooLongField(field, maxReasonBytes));
  }
  if (event.type !== "Normal" && event.type !== "Warning") {
    errors.push(invalidField("type", event.type ?? "", "has invalid value: must be Normal or Warning"));
  }
  if (Buffer.byteLength(event.note ?? "") > maxNoteBytes) errors.push(tooLongField("message", maxNoteBytes));
  const subject = event.regarding?.namespace ?? "";
  return [
    ...errors,
    ...validateNamespace(subject, event.metadata.namespace ?? "", "involvedObject.namespace"),
  ];
}
