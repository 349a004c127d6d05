/** Events have two forms with one storage: core/v1, in which they are stored, and events.k8s.io/v1. */
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import type { StorageView } from "../../resource-definition.ts";

const storedApiVersion = "v1";
const viewedApiVersion = "events.k8s.io/v1";

/** Fields of core/v1 and what they are called in events.k8s.io/v1; all others are called the same. */
const names: Readonly<Record<string, string>> = {
  involvedObject: "regarding",
  message: "note",
  source: "deprecatedSource",
  firstTimestamp: "deprecatedFirstTimestamp",
  lastTimestamp: "deprecatedLastTimestamp",
  count: "deprecatedCount",
  reportingComponent: "reportingController",
};
const storedNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(names).map(([stored, viewed]) => [viewed, stored]),
);

function rename(object: ApiObject, table: Readonly<Record<string, string>>, apiVersion: string): ApiObject {
  const renamed: ApiObject = { kind: object.kind, apiVersion, metadata: object.metadata };
  for (const [field, value] of Object.entries(object)) {
    if (!(field in renamed)) renamed[table[field] ?? field] = value;
  }
  return renamed;
}

export const eventView: StorageView = {
  storedApiVersion,
  fromStorage: (stored) => rename(stored, names, viewedApiVersion),
  toStorage: (event) => rename(event, storedNames, storedApiVersion),
};
