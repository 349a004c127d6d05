import type { Backend, RangeResult } from "./backend.ts";

const pageSize = 500;

/**
 * All that lies under a prefix, a page at a time: each page as it is when it is read, or `snapshot`: all of them as of
 * the first one's revision, from which a watch can go on.
 */
export async function* pagesOf(
  backend: Pick<Backend, "range">,
  prefix: string,
  view: "live" | "snapshot" = "live",
): AsyncGenerator<RangeResult, void> {
  let page: RangeResult | undefined;
  let after: string | undefined;
  do {
    page = await backend.range({
      prefix,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
      ...(page === undefined || view === "live" ? {} : { revision: page.revision }),
    });
    yield page;
    after = page.items.at(-1)?.key;
  } while (page.remaining > 0 && after !== undefined);
}
