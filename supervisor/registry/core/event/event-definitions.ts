import {
  validateCoreEvent,
  validateEvent,
  validateEventUpdate,
} from "../../../api/events/v1/event-validation.ts";
import type { CoreV1Event, EventsV1Event } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { eventTable } from "./event-table.ts";
import { eventView } from "./event-view.ts";

type CoreEvent = Typed<CoreV1Event>;
type Event = Typed<EventsV1Event>;

const strategyFlags = {
  allowCreateOnUpdate: true,
  defaultPropagation: "None",
} as const;

const common = {
  resource: "events",
  kind: "Event",
  namespaced: true,
  shortNames: ["ev"],
} as const;

interface Reference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

function referenceFields(prefix: string, reference: Reference = {}): Record<string, string> {
  const names = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"] as const;
  return Object.fromEntries(names.map((name) => [`${prefix}.${name}`, reference[name] ?? ""]));
}

/** Events of core/v1 (kubernetes `pkg/registry/core/event/strategy.go`). */
export const coreEventDefinition = defineResource({
  ...common,
  group: "",
  model: "CoreV1Event",
  strategy: {
    ...strategyFlags,
    validate: (event: CoreEvent) => validateCoreEvent(event),
    validateUpdate: (event: CoreEvent) => validateCoreEvent(event),
  },
  table: eventTable((object) => object),
  selectableFields(event: CoreEvent) {
    return {
      ...referenceFields("involvedObject", event.involvedObject),
      reason: event.reason ?? "",
      reportingComponent: event.reportingComponent ?? "",
      source: event.source?.component || event.reportingComponent || "",
      type: event.type ?? "",
    };
  },
});

/** The same events by events.k8s.io/v1. */
export const eventDefinition = defineResource({
  ...common,
  group: "events.k8s.io",
  model: "EventsV1Event",
  view: eventView,
  strategy: {
    ...strategyFlags,
    validate: (event: Event) => validateEvent(event),
    validateUpdate: (event: Event, old: Event) => validateEventUpdate(event, old),
  },
  table: eventTable(eventView.toStorage),
  selectableFields(event: Event) {
    return {
      ...referenceFields("regarding", event.regarding),
      reason: event.reason ?? "",
      reportingController: event.reportingController ?? "",
      type: event.type ?? "",
    };
  },
});
