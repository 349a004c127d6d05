import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newBadRequest } from "../../apimachinery/status-errors.ts";
import type { ResourceContext } from "../request-context.ts";
import { partialMetadata } from "./partial-metadata.ts";

/** `metadata` of a table: that of its list, or the resource version of its one object. */
export interface TableMeta {
  readonly resourceVersion?: string | undefined;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

/** One row's JSON: its cells, and of its object what `includeObject` asks for. */
export function tableRow(context: ResourceContext, object: ApiObject): object {
  const { store, services, info } = context;
  const cells = store.definition.table.cells(object, services.clock.now());
  const include = info.query.get("includeObject") ?? "Metadata";
  if (include === "None") return { cells, object: null };
  if (include === "Object") return { cells, object };
  if (include === "Metadata") return { cells, object: partialMetadata(object) };
  throw newBadRequest(
    `includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** A `Table` (meta/v1) from rows that are JSON texts already. */
export function tableTextOfRows(context: ResourceContext, rows: readonly string[], meta: TableMeta): string {
  const { resourceVersion, remainingItemCount } = meta;
  const metadata = JSON.stringify({ resourceVersion, continue: meta.continue, remainingItemCount });
  const columns = JSON.stringify(context.store.definition.table.columns.map((column) => ({ ...column })));
  return `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${metadata},"columnDefinitions":${columns},"rows":[${rows.join(",")}]}`;
}

export function tableText(context: ResourceContext, objects: readonly ApiObject[], meta: TableMeta): string {
  const rows = objects.map((object) => JSON.stringify(tableRow(context, object)));
  return tableTextOfRows(context, rows, meta);
}
