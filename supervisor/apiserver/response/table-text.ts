import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { TableDefinition } from "../../registry/table.ts";
import type { ResourceContext } from "../request-context.ts";
import { partialMetadata } from "./partial-metadata.ts";

export interface TableOptions {
  /** False for the later tables of a watch. */
  readonly hasColumns?: boolean;
  /** Where it is not the resource's own. */
  readonly table?: TableDefinition;
}

/** One row's JSON: its cells, and of its object what `includeObject` asks for. */
export function tableRow(
  context: ResourceContext,
  object: ApiObject,
  table: TableDefinition = context.store.definition.table,
): object {
  const { services, info } = context;
  const row = { cells: table.cells(object, services.clock.now()), conditions: table.conditions?.(object) };
  const include = info.query.get("includeObject");
  if (include === "None") return { ...row, object: null };
  if (include === "Object") return { ...row, object };
  return { ...row, object: partialMetadata(object, context.format.version) };
}

/** A `Table` (meta/v1) up to its rows; {@link tableTail} ends it. */
export function tableHead(
  context: ResourceContext,
  metadata: string,
  { hasColumns = true, table = context.store.definition.table }: TableOptions = {},
): string {
  const columns = hasColumns ? JSON.stringify(table.columns) : "null";
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${context.format.version}","metadata":${metadata},"columnDefinitions":${columns},"rows":[`;
}

export const tableTail = "]}";

/** A table of a few objects; its resource version is theirs. */
export function tableText(
  context: ResourceContext,
  objects: readonly ApiObject[],
  resourceVersion: string | undefined,
  options: TableOptions = {},
): string {
  const rows = objects.map((object) => JSON.stringify(tableRow(context, object, options.table)));
  return tableHead(context, JSON.stringify({ resourceVersion }), options) + rows.join(",") + tableTail;
}
