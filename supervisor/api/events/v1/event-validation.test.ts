import { expect, test } from "bun:test";
import type { FieldError } from "../../../apimachinery/field-error.ts";
import {
  type ValidatedEvent,
  validateCoreEvent,
  validateEvent,
  validateEventUpdate,
} from "./event-validation.ts";

const event = {
  metadata: { namespace: "default" },
  eventTime: "2026-01-01T00:00:00.000000Z",
  regarding: { kind: "Pod", name: "p", namespace: "default" },
  reportingController: "example.com/watcher",
  reportingInstance: "watcher-1",
  action: "Watch",
  reason: "Seen",
  type: "Normal",
} satisfies ValidatedEvent;

function texts(errors: readonly FieldError[]): readonly string[] {
  return errors.map(({ field, body }) => `${field}: ${body}`);
}

test.each<[change: Partial<ValidatedEvent>, problems: readonly string[]]>([
  [{}, []],
  [{ regarding: { namespace: "elsewhere" } }, []],
  [{ metadata: { namespace: "kube-system" }, regarding: {} }, []],
  [
    { metadata: { namespace: "other" }, regarding: {} },
    ['involvedObject.namespace: Invalid value: "": does not match event.namespace'],
  ],
  [
    { action: "", reason: "x".repeat(129), note: "x".repeat(1025) },
    [
      "action: Required value",
      'reason: Invalid value: "": can have at most 128 characters',
      'message: Invalid value: "": can have at most 1024 characters',
    ],
  ],
  [{ type: "Odd" }, ['type: Invalid value: "": has invalid value: Odd']],
  [
    { series: { count: 1, lastObservedTime: "" } },
    ['series.count: Invalid value: "": should be at least 2', "series.lastObservedTime: Required value"],
  ],
  [
    {
      deprecatedCount: 1,
      deprecatedSource: { host: "h" },
      deprecatedFirstTimestamp: "2026-01-01T00:00:00Z",
    },
    ["firstTimestamp", "count", "source"].map((field) => `${field}: Invalid value: "": needs to be unset`),
  ],
  [{ eventTime: "" }, ["eventTime: Required value"]],
])("an event of events.k8s.io with %j", (change, problems) => {
  expect(texts(validateEvent({ ...event, ...change }))).toEqual(problems as string[]);
});

test("an event's series goes on, nothing else changes", () => {
  const series = { count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z" };
  expect(validateEventUpdate({ ...event, series, note: "" }, event)).toEqual([]);
  expect(
    texts(validateEventUpdate({ ...event, series: { ...series, count: 1 }, reason: "x" }, event)),
  ).toEqual([
    'series.count: Invalid value: "": should be at least 2',
    'reason: Invalid value: "x": field is immutable',
  ]);
});

test("an event of core/v1 is checked whole where it tells its time", () => {
  const { metadata } = event;
  const subject = { namespace: "other" };
  const mismatch = 'involvedObject.namespace: Invalid value: "other": does not match event.namespace';
  expect(texts(validateCoreEvent({ metadata, involvedObject: subject }))).toEqual([mismatch]);
  expect(validateCoreEvent({ metadata, involvedObject: {} })).toEqual([]);
  const { eventTime, action, reason, reportingInstance } = event;
  const whole = { metadata, involvedObject: subject, eventTime, action, reason, reportingInstance };
  expect(validateCoreEvent({ ...whole, reportingComponent: "watcher" })).toEqual([]);
  expect(texts(validateCoreEvent(whole))).toContain("reportingController: Required value");
});
