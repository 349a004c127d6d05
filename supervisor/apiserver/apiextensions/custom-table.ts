/** The columns of custom resources (apiextensions-apiserver `pkg/registry/customresource/tableconvertor`). */
import type { V1CustomResourceColumnDefinition } from "../../api/generated/types.ts";
import type { JsonValue } from "../../apimachinery/json/json-value.ts";
import { compileJsonPath, JsonPathError } from "../../apimachinery/json-path.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { humanDuration } from "../../registry/human-duration.ts";
import { nameColumn, type TableCell, type TableColumn, type TableDefinition } from "../../registry/table.ts";

const ageOnly: readonly V1CustomResourceColumnDefinition[] = [
  {
    name: "Age",
    type: "date",
    jsonPath: ".metadata.creationTimestamp",
    description:
      "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  },
];

export function customTable(given: readonly V1CustomResourceColumnDefinition[] | undefined): TableDefinition {
  const columns = given === undefined || given.length === 0 ? ageOnly : given;
  try {
    const cells = columns.map(({ type, jsonPath }) => {
      const find = compileJsonPath(jsonPath);
      return (object: ApiObject, nowMs: number): TableCell => {
        // Stored objects are JSON.
        const found = find(object as unknown as JsonValue);
        return found.length === 0 ? null : cellOf(type, found, nowMs);
      };
    });
    return {
      columns: [nameColumn, ...columns.map(columnOf)],
      cells: (object, nowMs) => [object.metadata.name ?? "", ...cells.map((cell) => cell(object, nowMs))],
    };
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    return { columns: [nameColumn], cells: ({ metadata }) => [metadata.name ?? ""] };
  }
}

function columnOf(given: V1CustomResourceColumnDefinition): TableColumn {
  const { name, type, format = "", priority = 0, jsonPath } = given;
  const description =
    given.description || `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type, format, description, priority };
}

function cellOf(type: string, found: readonly JsonValue[], nowMs: number): TableCell {
  const [value = null] = found;
  if (type === "string") return textOf(value);
  if (type === "boolean") return typeof value === "boolean" ? value : null;
  if (type === "number") return typeof value === "number" ? value : null;
  if (type === "integer") return typeof value === "number" ? Math.trunc(value) : null;
  if (typeof value !== "string") return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? "<invalid>" : humanDuration(nowMs - time);
}

/** A value as Go prints it in templates. */
function textOf(value: JsonValue): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}
