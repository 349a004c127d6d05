import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { ResourceContext } from "../request-context.ts";
import { partialMetadata } from "./partial-metadata.ts";

/** One row's JSON: its cells, and of its object what `includeObject` asks for. */
export function tableRow(context: ResourceContext, object: ApiObject): object {
  const { store, services, info } = context;
  const cells = store.definition.table.cells(object, services.clock.now());
  const include = info.query.get("includeObject");
  if (include === "None") return { cells, object: null };
  if (include === "Object") return { cells, object };
  return { cells, object: partialMetadata(object, context.format.version) };
}

/** A `Table` (meta/v1) up to its rows; {@link tableTail} ends it. */
export function tableHead(context: ResourceContext, metadata: string, hasColumns = true): string {
  const columns = hasColumns ? JSON.stringify(context.store.definition.table.columns) : "null";
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${context.format.version}","metadata":${metadata},"columnDefinitions":${columns},"rows":[`;
}

export const tableTail = "]}";

/** A table of a few objects; its resource version is theirs. */
export function tableText(
  context: ResourceContext,
  objects: readonly ApiObject[],
  resourceVersion: string | undefined,
  hasColumns = true,
): string {
  const rows = objects.map((object) => JSON.stringify(tableRow(context, object)));
  return tableHead(context, JSON.stringify({ resourceVersion }), hasColumns) + rows.join(",") + tableTail;
}
