import { apiVersionOf, listKindOf } from "../../registry/resource-definition.ts";
import type { KeyValue } from "../../storage/backend.ts";
import type { ResourceContext } from "../request-context.ts";
import { textResponse } from "../response/api-response.ts";
import { partialMetadata } from "../response/partial-metadata.ts";
import { streamResponse } from "../response/stream-response.ts";
import { tableHead, tableRow, tableTail } from "../response/table-text.ts";
import { encodeContinueToken } from "./continue-token.ts";
import { listOptions } from "./list-options.ts";
import { type ListPage, ListPages, nextTurn } from "./list-pages.ts";
import { Selection } from "./selection.ts";

export async function listHandler(context: ResourceContext): Promise<Response> {
  const { query } = context.info;
  const options = listOptions(query, false);
  const selection = new Selection(context);
  const form = listForm(context);
  const { name } = selection;
  if (name !== undefined && options.continue === "" && canRead(context)) {
    return await singleResponse(context, form, selection, name);
  }
  const pages = new ListPages(context, selection, options);
  const first = await pages.read(options.limit);
  if (options.limit > 0 || first.next === undefined) return await wholeResponse(context, form, first);
  if (context.format.mediaType === "application/json" && !query.has("pretty")) {
    return streamResponse(context, streamList(form, first, pages));
  }
  const items = [...first.items];
  for (let page = first; page.next !== undefined; ) {
    page = await pages.read(0);
    items.push(...page.items);
  }
  return await wholeResponse(context, form, { items, revision: first.revision });
}

/** How a list is written: its beginning, each item, its end. */
interface ListForm {
  readonly head: (metadata: string) => string;
  readonly item: (stored: KeyValue) => string;
  readonly tail: string;
}

function listForm(context: ResourceContext): ListForm {
  const { codec, definition } = context.store;
  if (context.format.as === "Table") {
    return {
      head: (metadata) => tableHead(context, metadata),
      item: (stored) => JSON.stringify(tableRow(context, codec.decode(stored))),
      tail: tableTail,
    };
  }
  const isPartial = context.format.as !== "";
  const kind = isPartial ? "PartialObjectMetadataList" : listKindOf(definition);
  const apiVersion = isPartial ? "meta.k8s.io/v1" : apiVersionOf(definition);
  return {
    head: (metadata) => `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${metadata},"items":[`,
    item: isPartial
      ? (stored) => JSON.stringify(partialMetadata(codec.decode(stored)))
      : (stored) => codec.itemText(stored),
    tail: "]}",
  };
}

function metadataText(page: ListPage, isPart: boolean): string {
  const { revision, next, remaining } = page;
  return JSON.stringify({
    resourceVersion: String(revision),
    ...(isPart && next !== undefined ? { continue: encodeContinueToken({ ...next, revision }) } : {}),
    ...(isPart && next !== undefined ? { remainingItemCount: remaining } : {}),
  });
}

function wholeResponse(context: ResourceContext, form: ListForm, page: ListPage): Promise<Response> {
  const text = form.head(metadataText(page, true)) + page.items.map(form.item).join(",") + form.tail;
  return textResponse(context, 200, context.format, text);
}

/** The list of the one object that a selector pins by its name: read, not searched. */
async function singleResponse(
  context: ResourceContext,
  form: ListForm,
  selection: Selection,
  name: string,
): Promise<Response> {
  const { store, info } = context;
  const revision = store.backend.currentRevision();
  const stored = await store.backend.get(store.key(info.namespace, name));
  const items = stored !== undefined && selection.matches(store.codec.decode(stored)) ? [stored] : [];
  // What was read may be newer than the revision asked before.
  return wholeResponse(context, form, { items, revision: Math.max(revision, stored?.modRevision ?? 0) });
}

function canRead(context: ResourceContext): boolean {
  return !context.store.definition.namespaced || context.info.namespace !== "";
}

async function* streamList(form: ListForm, first: ListPage, pages: ListPages): AsyncGenerator<string> {
  yield form.head(metadataText(first, false)) + first.items.map(form.item).join(",");
  let isEmpty = first.items.length === 0;
  for (let page = first; page.next !== undefined; ) {
    await nextTurn();
    page = await pages.read(0);
    if (page.items.length === 0) continue;
    yield (isEmpty ? "" : ",") + page.items.map(form.item).join(",");
    isEmpty = false;
  }
  yield form.tail;
}
