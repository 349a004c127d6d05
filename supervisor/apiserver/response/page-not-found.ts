/** Paths that are none of the API: they are answered as Go's servers do, not with a `Status`. */
import { fixedResponse } from "../../base/http/fixed-response.ts";
import type { RequestContext } from "../request-context.ts";
import { responseHeaders } from "./api-response.ts";

/** No part of the server knows the path: no group, version or page has it. */
export class PageNotFoundError extends Error {
  override readonly name = "PageNotFoundError";
}

export function pageNotFound(context: RequestContext): Response {
  const headers = responseHeaders(context, "text/plain; charset=utf-8");
  return fixedResponse("404 page not found\n", {
    status: 404,
    headers: { ...headers, "x-content-type-options": "nosniff" },
  });
}
