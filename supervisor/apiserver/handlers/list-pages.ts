import { newBadRequest, newResourceExpired } from "../../apimachinery/status-errors.ts";
import { CompactedError, type KeyValue, type RangeResult } from "../../storage/backend.ts";
import type { ResourceContext } from "../request-context.ts";
import { type ContinueToken, decodeContinueToken, encodeContinueToken } from "./continue-token.ts";
import { type ListOptions, parseResourceVersion, requireResourceVersion } from "./list-options.ts";
import { nextTurn } from "./next-turn.ts";
import type { Selection } from "./selection.ts";

/** How many objects are read in one go at most, before others have their turn. */
const maxPageSize = 250;
/** How much text a page is to hold; the size of its objects is known from the page before. */
const pageChars = 512 * 1024;

const firstPageSize = 50;

function pageSizeFor(items: readonly KeyValue[]): number {
  const chars = items.reduce((sum, { value }) => sum + value.length, 0);
  if (chars === 0) return firstPageSize;
  return Math.min(maxPageSize, Math.max(1, Math.floor((pageChars * items.length) / chars)));
}

export interface ListPage {
  /** What of the page the selection takes. */
  readonly items: readonly KeyValue[];
  readonly revision: number;
  /** Where to go on; absent on the last page. */
  readonly next?: ContinueToken;
  /** How many keys follow; known without a selection only. */
  readonly remaining?: number;
}

const inconsistentContinue =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";
const listExpired = "The resourceVersion for the provided list is too old.";

/** Reads a collection page by page, all pages at one revision. */
export class ListPages {
  readonly #context: ResourceContext;
  readonly #selection: Selection;
  readonly #prefix: string;
  #position: ContinueToken | undefined;
  #revision: number | undefined;
  #pageSize = firstPageSize;

  /** Throws BadRequest, Invalid, and a time-out for a resource version of the future. */
  constructor(context: ResourceContext, selection: Selection, options: ListOptions) {
    this.#context = context;
    this.#selection = selection;
    const { store, info } = context;
    this.#prefix = store.prefix(info.namespace);
    if (options.continue !== "") {
      this.#position = decodeContinueToken(options.continue);
      if (options.resourceVersion !== "" && options.resourceVersion !== "0") {
        throw newBadRequest("specifying resource version is not allowed when using continue");
      }
      if (this.#position.revision > 0) this.#revision = this.#position.revision;
      return;
    }
    const exact =
      options.resourceVersionMatch === "Exact" ||
      (options.resourceVersionMatch === "" && options.limit > 0 && options.resourceVersion !== "0");
    if (exact && options.resourceVersion !== "")
      this.#revision = parseResourceVersion(options.resourceVersion);
    else requireResourceVersion(options.resourceVersion, store.backend);
  }

  /** At most `limit` objects (0 for a page's worth). Throws Expired where the revision is no longer kept. */
  async read(limit: number): Promise<ListPage> {
    const items: KeyValue[] = [];
    const { codec } = this.#context.store;
    for (;;) {
      const wanted = limit === 0 ? this.#pageSize : Math.min(this.#pageSize, limit - items.length);
      // Who gets a part is told how much is left; whoever reads on finds out.
      const range = await this.#range(wanted, limit === 0);
      this.#pageSize = pageSizeFor(range.items);
      for (const item of range.items) {
        if (this.#selection.matchesStored(codec, item, () => codec.decode(item))) items.push(item);
      }
      const last = range.items.at(-1);
      const isLast = range.remaining === 0 || last === undefined;
      if (!isLast) this.#position = { revision: range.revision, after: last.key.slice(this.#prefix.length) };
      if (isLast) return { items, revision: range.revision };
      if (limit === 0 || items.length >= limit) {
        return {
          items,
          revision: range.revision,
          ...(this.#position === undefined ? {} : { next: this.#position }),
          ...(this.#selection.isEverything ? { remaining: range.remaining } : {}),
        };
      }
      await nextTurn();
    }
  }

  async #range(limit: number, uncounted: boolean): Promise<RangeResult> {
    const prefix = this.#prefix;
    const after = this.#position === undefined ? undefined : prefix + this.#position.after;
    try {
      const result = await this.#context.store.backend.range({
        prefix,
        limit,
        uncounted,
        ...(after === undefined ? {} : { after }),
        ...(this.#revision === undefined ? {} : { revision: this.#revision }),
      });
      this.#revision ??= result.revision;
      return result;
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      if (this.#position === undefined) throw newResourceExpired(listExpired);
      const fresh = encodeContinueToken({ revision: -1, after: this.#position.after });
      throw newResourceExpired(inconsistentContinue, fresh);
    }
  }
}
