/** The annotation of client-side apply, which server-side apply by kubectl takes over and keeps true. */
import { cloneJson, isJsonObject, type JsonObject } from "../json/json-value.ts";
import type { ApiObject } from "../object-meta.ts";
import { compareObjects, touched } from "./compare.ts";
import { type FieldWrite, withoutManagedFields } from "./field-manager.ts";
import { difference, type FieldSet, noFields } from "./field-set.ts";
import { ownedFields } from "./owned-fields.ts";
import { PathElementError } from "./path-element.ts";
import { configComplaint } from "./validate-config.ts";

const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
/** What all annotations may hold together. */
const maxAnnotationBytes = 256 * 1024;

function parsedObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What client-side apply has set and nobody has changed since: kubectl may take it without conflict. */
export function conflictsAllowedByLastApplied(live: ApiObject | undefined, write: FieldWrite): FieldSet {
  const text = live?.metadata.annotations?.[lastAppliedAnnotation] ?? "";
  const config = text === "" ? undefined : parsedObject(text);
  if (live === undefined || config === undefined || config.apiVersion !== write.apiVersion) return noFields;
  if (configComplaint(write.type, config) !== undefined) return noFields;
  try {
    const comparison = compareObjects(write.type, config, withoutManagedFields(live));
    return difference(ownedFields(write.type, config), touched(comparison));
  } catch (error) {
    if (error instanceof PathElementError) return noFields;
    throw error;
  }
}

/** JSON whose fields are in alphabetical order, as Go writes maps, with a line feed at its end. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${sortedJson(value[name])}`).join(",")}}`;
}

/** Puts what was applied into the annotation, where there is one. */
export function renewLastApplied(object: ApiObject, config: JsonObject): void {
  const { annotations } = object.metadata;
  if (!annotations?.[lastAppliedAnnotation]) return;
  const copy = cloneJson(config);
  if (isJsonObject(copy.metadata) && isJsonObject(copy.metadata.annotations)) {
    delete copy.metadata.annotations[lastAppliedAnnotation];
  }
  annotations[lastAppliedAnnotation] = `${sortedJson(copy)}\n`;
  let bytes = 0;
  for (const [name, value] of Object.entries(annotations))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  if (bytes > maxAnnotationBytes) delete annotations[lastAppliedAnnotation];
}
