/** Validation of events, with the texts of kubernetes `pkg/apis/core/validation/events.go`. */
import {
  type FieldError,
  immutableField,
  invalidField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { checkDnsSubdomain, checkQualifiedName } from "../../../apimachinery/validation/formats.ts";
import type { CoreV1Event, EventsV1Event } from "../../generated/types.ts";

type Meta = { readonly metadata: { readonly namespace?: string } };
type ValidatedCoreEvent = Omit<CoreV1Event, "metadata" | "kind" | "apiVersion"> & Meta;
export type ValidatedEvent = Omit<EventsV1Event, "metadata" | "kind" | "apiVersion"> & Meta;

const maxWordBytes = 128;
const maxNoteBytes = 1024;
const isUnset = "needs to be unset";

/** What both forms of an event are checked for, by the names of core/v1. */
type CommonEvent = Pick<
  CoreV1Event,
  "eventTime" | "involvedObject" | "reportingInstance" | "action" | "reason" | "message"
> & { readonly reportingController?: string | undefined } & Meta;

/** Events about things without a namespace live in `default`; those that tell their time, in `kube-system` too. */
function validateCommon(event: CommonEvent): FieldError[] {
  const errors: FieldError[] = [];
  const { namespace = "" } = event.metadata;
  const subject = event.involvedObject?.namespace ?? "";
  const isNew = Boolean(event.eventTime);
  const homes = isNew ? ["default", "kube-system"] : ["", "default"];
  if (subject === "" ? !homes.includes(namespace) : !isNew && subject !== namespace) {
    errors.push(invalidField("involvedObject.namespace", subject, "does not match event.namespace"));
  }
  if (isNew) validateWords(event, errors);
  for (const message of checkDnsSubdomain(namespace)) {
    errors.push(invalidField("namespace", namespace, message));
  }
  return errors;
}

function validateWords(event: CommonEvent, errors: FieldError[]): void {
  const { reportingController = "", message = "" } = event;
  if (reportingController === "") errors.push(requiredField("reportingController"));
  for (const complaint of checkQualifiedName(reportingController)) {
    errors.push(invalidField("reportingController", reportingController, complaint));
  }
  for (const field of ["reportingInstance", "action", "reason"] as const) {
    const value = event[field] ?? "";
    if (value === "") errors.push(requiredField(field));
    checkLength(errors, field, value, maxWordBytes);
  }
  checkLength(errors, "message", message, maxNoteBytes);
}

function checkLength(errors: FieldError[], field: string, value: string, most: number): void {
  if (Buffer.byteLength(value) <= most) return;
  errors.push(invalidField(field, "", `can have at most ${most} characters`));
}

export function validateCoreEvent(event: ValidatedCoreEvent): FieldError[] {
  return validateCommon({ ...event, reportingController: event.reportingComponent });
}

function commonOf({ regarding = {}, note, ...event }: ValidatedEvent): CommonEvent {
  return { ...event, involvedObject: regarding, ...(note === undefined ? {} : { message: note }) };
}

/** Fields of older events stay empty in those of events.k8s.io. */
export function validateEvent(event: ValidatedEvent): FieldError[] {
  const errors = validateCommon(commonOf(event));
  const { eventTime, type = "", deprecatedSource } = event;
  validateSeries(event, errors);
  if (!eventTime) errors.push(requiredField("eventTime"));
  if (type !== "Normal" && type !== "Warning") {
    errors.push(invalidField("type", "", `has invalid value: ${type}`));
  }
  if (event.deprecatedFirstTimestamp) errors.push(invalidField("firstTimestamp", "", isUnset));
  if (event.deprecatedLastTimestamp) errors.push(invalidField("lastTimestamp", "", isUnset));
  if (event.deprecatedCount) errors.push(invalidField("count", "", isUnset));
  if (deprecatedSource?.component || deprecatedSource?.host) {
    errors.push(invalidField("source", "", isUnset));
  }
  return errors;
}

function validateSeries({ series }: ValidatedEvent, errors: FieldError[]): void {
  if (series === undefined) return;
  if ((series.count ?? 0) < 2) errors.push(invalidField("series.count", "", "should be at least 2"));
  if (!series.lastObservedTime) errors.push(requiredField("series.lastObservedTime"));
}

/** Only the series of an event of events.k8s.io goes on. */
export function validateEventUpdate(event: ValidatedEvent, old: ValidatedEvent): FieldError[] {
  const errors = validateCommon(commonOf(event));
  if (!equalJson(plain(event.series), plain(old.series))) validateSeries(event, errors);
  const fields = (of: ValidatedEvent): ReadonlyArray<readonly [path: string, value: unknown]> => [
    ["involvedObject", of.regarding],
    ["reason", of.reason],
    ["message", of.note],
    ["source", of.deprecatedSource],
    ["firstTimestamp", of.deprecatedFirstTimestamp],
    ["lastTimestamp", of.deprecatedLastTimestamp],
    ["count", of.deprecatedCount],
    ["type", of.type],
    ["eventTime", of.eventTime],
    ["action", of.action],
    ["related", of.related],
    ["reportingController", of.reportingController],
    ["reportingInstance", of.reportingInstance],
  ];
  const before = new Map(fields(old));
  for (const [path, value] of fields(event)) {
    if (!equalJson(plain(value), plain(before.get(path)))) errors.push(immutableField(path, value));
  }
  return errors;
}

/** Nothing, zero and an empty text or object are one in Go. */
function plain(value: unknown): unknown {
  const isEmpty = !value || (typeof value === "object" && Object.keys(value).length === 0);
  return isEmpty ? null : value;
}
