import { isNotFound } from "../../apimachinery/errors.ts";
import { apiVersionOf, listKindOf } from "../../registry/resource-definition.ts";
import type { KeyValue } from "../../storage/backend.ts";
import type { ResourceContext } from "../request-context.ts";
import { textResponse } from "../response/api-response.ts";
import { deleteObject, warnOfDefault } from "./delete.ts";
import { readDeleteOptions } from "./delete-options.ts";
import { listOptions } from "./list-options.ts";
import { type ListPage, ListPages } from "./list-pages.ts";
import { Selection } from "./selection.ts";

/** Deletes what the selectors take, and answers with the list of it. */
export async function deleteCollectionHandler(context: ResourceContext): Promise<Response> {
  const { info, request, store } = context;
  const options = await readDeleteOptions(request, info.query);
  warnOfDefault(context, options);
  const listing = listOptions(info.query, false);
  const selection = new Selection(context);
  const pages = new ListPages(context, selection, listing);
  const deleted: string[] = [];
  const remove = async (item: KeyValue): Promise<void> => {
    const { namespace = info.namespace, name = "" } = store.codec.decode(item).metadata;
    try {
      await deleteObject(context, namespace, name, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    deleted.push(store.codec.itemText(item));
  };
  let page: ListPage;
  do {
    page = await pages.read(listing.limit);
    // A page at a time: its deletions share the store's commits.
    await Promise.all(page.items.map(remove));
  } while (page.next !== undefined && listing.limit === 0);
  const head = `{"kind":"${listKindOf(store.definition)}","apiVersion":"${apiVersionOf(store.definition)}"`;
  const text = `${head},"metadata":{"resourceVersion":"${page.revision}"},"items":[${deleted.join(",")}]}`;
  return textResponse(context, 200, context.format, text);
}
