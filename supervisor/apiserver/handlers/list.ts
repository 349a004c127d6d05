import { apiVersionOf, listKindOf } from "../../registry/resource-definition.ts";
import type { KeyValue } from "../../storage/backend.ts";
import { protobufMediaType } from "../negotiation/output-format.ts";
import type { ResourceContext } from "../request-context.ts";
import { textResponse } from "../response/api-response.ts";
import { partialMetadataText } from "../response/partial-metadata.ts";
import { type ListForm, protobufListForm } from "../response/protobuf-list.ts";
import { streamResponse } from "../response/stream-response.ts";
import { tableHead, tableRow, tableTail } from "../response/table-text.ts";
import { encodeContinueToken } from "./continue-token.ts";
import { listOptions } from "./list-options.ts";
import { type ListPage, ListPages } from "./list-pages.ts";
import { nextTurn } from "./next-turn.ts";
import { Selection } from "./selection.ts";

/** Sends a list while it is read. */
type Streaming = (first: ListPage, pages: ListPages) => Response;

export function listHandler(context: ResourceContext): Promise<Response> {
  const { format, info } = context;
  if (format.mediaType === protobufMediaType) return answerList(context, protobufListForm(context));
  const form = textForm(context);
  if (format.mediaType !== "application/json" || info.query.has("pretty")) return answerList(context, form);
  return answerList(context, form, (first, pages) => streamResponse(context, streamList(form, first, pages)));
}

async function answerList<T>(
  context: ResourceContext,
  form: ListForm<T>,
  streaming?: Streaming,
): Promise<Response> {
  const options = listOptions(context.info.query, false);
  const selection = new Selection(context);
  const { name } = selection;
  if (name !== undefined && options.continue === "" && canRead(context)) {
    return await singleResponse(context, form, selection, name);
  }
  const pages = new ListPages(context, selection, options);
  const first = await pages.read(options.limit);
  if (options.limit > 0 || first.next === undefined) return await wholeResponse(form, first);
  if (streaming !== undefined) return streaming(first, pages);
  const items = first.items.map(form.item);
  for (let page = first; page.next !== undefined; ) {
    await nextTurn();
    page = await pages.read(0);
    items.push(...page.items.map(form.item));
  }
  return await form.whole(metadataText(first, false), items);
}

/** How a list is written in text: its beginning, each item, its end. */
interface TextParts {
  readonly head: (metadata: string) => string;
  readonly item: (stored: KeyValue) => string;
  readonly tail: string;
}

type TextForm = TextParts & ListForm<string>;

function textForm(context: ResourceContext): TextForm {
  const parts = textParts(context);
  const { head, tail } = parts;
  return {
    ...parts,
    whole: (metadata, items) =>
      textResponse(context, 200, context.format, head(metadata) + items.join(",") + tail),
  };
}

function textParts(context: ResourceContext): TextParts {
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
  const apiVersion = isPartial ? `meta.k8s.io/${context.format.version}` : apiVersionOf(definition);
  return {
    head: (metadata) => `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${metadata},"items":[`,
    item: isPartial
      ? (stored) => partialMetadataText(codec.metadataText(stored), context.format.version)
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

function wholeResponse<T>(form: ListForm<T>, page: ListPage): Promise<Response> {
  return form.whole(metadataText(page, true), page.items.map(form.item));
}

/** The list of the one object that a selector pins by its name: read, not searched. */
async function singleResponse<T>(
  context: ResourceContext,
  form: ListForm<T>,
  selection: Selection,
  name: string,
): Promise<Response> {
  const { store, info } = context;
  const revision = store.backend.currentRevision();
  const stored = await store.backend.get(store.key(info.namespace, name));
  const items = stored !== undefined && selection.matches(store.codec.decode(stored)) ? [stored] : [];
  // What was read may be newer than the revision asked before.
  return wholeResponse(form, { items, revision: Math.max(revision, stored?.modRevision ?? 0) });
}

function canRead(context: ResourceContext): boolean {
  return !context.store.definition.namespaced || context.info.namespace !== "";
}

async function* streamList(form: TextParts, first: ListPage, pages: ListPages): AsyncGenerator<string> {
  yield form.head(metadataText(first, false)) + first.items.map(form.item).join(",");
  let isEmpty = first.items.length === 0;
  for (let page = first; page.next !== undefined; ) {
    await nextTurn();
    page = await pages.read(0);
    if (page.items.length === 0) continue;
    yield (isEmpty ? "" : ",") + page.items.map(form.item).join(",");
    isEmpty = false;
  }
  yield `${form.tail}\n`;
}
