/** The columns that kubectl shows for events (kubernetes `pkg/printers/internalversion`, `printEvent`). */
import type { CoreV1Event } from "../../../api/generated/types.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, column, nameColumn, type TableDefinition } from "../../table.ts";

type CoreEvent = Typed<CoreV1Event>;

const wide = { priority: 1 };

/** `toCore` gives the object in the form of core/v1. */
export function eventTable(toCore: (object: ApiObject) => ApiObject): TableDefinition {
  return {
    columns: [
      column("Last Seen", "The time at which the most recent occurrence of this event was recorded."),
      column("Type", "Type of this event (Normal, Warning), new types could be added in the future"),
      column(
        "Reason",
        "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
      ),
      column("Object", "The object that this event is about."),
      column("Subobject", "The part of the object that this event is about.", wide),
      column("Source", "The component reporting this event.", wide),
      column("Message", "A human-readable description of the status of this operation."),
      column("First Seen", "The time at which the event was first recorded.", wide),
      column("Count", "The number of times this event has occurred.", wide),
      { ...nameColumn, ...wide },
    ],
    cells(object, nowMs) {
      // Decoding made this an event.
      const event = toCore(object) as unknown as CoreEvent;
      const first = event.firstTimestamp ?? event.eventTime ?? undefined;
      const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
      const { kind = "", name = "", fieldPath = "" } = event.involvedObject;
      return [
        age(last, nowMs),
        event.type ?? "",
        event.reason ?? "",
        name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`,
        fieldPath,
        source(event),
        (event.message ?? "").trim(),
        age(first, nowMs),
        event.series?.count ?? event.count ?? 1,
        event.metadata.name ?? "",
      ];
    },
  };
}

function source(event: CoreEvent): string {
  const component = event.source?.component || event.reportingComponent || "";
  const host = event.source?.host || event.reportingInstance || "";
  return host === "" ? component : `${component}, ${host}`;
}
