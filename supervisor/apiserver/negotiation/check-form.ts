import { newBadRequest, newNotAcceptableForm } from "../../apimachinery/status-errors.ts";
import { listKindOf, type ResourceDefinition } from "../../registry/resource-definition.ts";
import type { ResourceRequestInfo } from "../request-info.ts";
import type { OutputFormat } from "./output-format.ts";

const inclusions: readonly string[] = ["", "None", "Metadata", "Object"];

/** Throws BadRequest and NotAcceptable where the form that was asked for does not fit the request. */
export function checkForm(
  { as }: OutputFormat,
  { verb, query }: ResourceRequestInfo,
  definition: ResourceDefinition,
): void {
  if (as === "") return;
  if (as === "Table") checkTable(query.get("includeObject") ?? "");
  if (as === "PartialObjectMetadata" && verb === "list") {
    const type = goType(definition, listKindOf(definition));
    throw newNotAcceptableForm(`you requested ${as}, but the requested object is a list (${type})`);
  }
  if (as === "PartialObjectMetadataList" && verb === "get") {
    const type = goType(definition, definition.kind);
    throw newNotAcceptableForm(`you requested ${as}, but the requested object is not a list (${type})`);
  }
}

function checkTable(include: string): void {
  if (inclusions.includes(include)) return;
  throw newBadRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** The type that upstream has the object in. */
function goType({ group, custom }: ResourceDefinition, kind: string): string {
  if (custom !== undefined) return `*unstructured.Unstructured${kind.endsWith("List") ? "List" : ""}`;
  return `*${group === "" ? "core" : group.split(".", 1)[0]}.${kind}`;
}
