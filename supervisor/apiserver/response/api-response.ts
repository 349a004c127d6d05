/** Makes the answers, with the headers and forms that all of them have. */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { stringify as stringifyYaml } from "yaml";
import type { ApiError } from "../../apimachinery/errors.ts";
import { fixedResponse } from "../../base/http/fixed-response.ts";
import type { OutputFormat } from "../negotiation/output-format.ts";
import type { RequestContext } from "../request-context.ts";

/** From this size on answers are compressed for those who accept it, as upstream. */
const gzipThresholdBytes = 128 * 1024;

const gzipAsync = promisify(gzip);

type HeadersOwner = Pick<RequestContext, "auditId" | "warnings">;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controls = /[\x00-\x1f\x7f]+/g;

/** A text within a quoted string of a header. */
function quoteHeader(text: string): string {
  return `"${text.replace(controls, " ").replace(/["\\]/g, "\\$&")}"`;
}

export function responseHeaders(context: HeadersOwner, contentType: string): Record<string, string> {
  const headers: Record<string, string> = {
    "audit-id": context.auditId,
    "cache-control": "no-cache, private",
    "content-type": contentType,
  };
  if (context.warnings.length > 0) {
    headers.warning = context.warnings.map((text) => `299 - ${quoteHeader(text)}`).join(", ");
  }
  return headers;
}

export function acceptsGzip(request: Request): boolean {
  return request.headers.get("accept-encoding")?.includes("gzip") ?? false;
}

/** People read these answers themselves. */
function wantsIndentation(context: RequestContext): boolean {
  const pretty = context.info.query.get("pretty");
  if (pretty !== null) return pretty !== "false" && pretty !== "0";
  const agent = context.request.headers.get("user-agent");
  return agent !== null && /^(?:curl|Wget|Mozilla\/5\.0)/.test(agent);
}

function render(context: RequestContext, format: OutputFormat, json: string): string {
  if (format.mediaType === "application/yaml") return stringifyYaml(JSON.parse(json), { version: "1.1" });
  return wantsIndentation(context) ? `${JSON.stringify(JSON.parse(json), null, 2)}\n` : json;
}

/** An answer whose JSON text is at hand. */
export async function textResponse(
  context: RequestContext,
  status: number,
  format: OutputFormat,
  json: string,
  contentType: string = format.mediaType,
): Promise<Response> {
  const text = render(context, format, json);
  const headers = responseHeaders(context, contentType);
  if (text.length < gzipThresholdBytes || !acceptsGzip(context.request)) {
    return fixedResponse(text, { status, headers });
  }
  headers["content-encoding"] = "gzip";
  headers.vary = "Accept-Encoding";
  return fixedResponse(await gzipAsync(text, { level: 1 }), { status, headers });
}

/** The answer to a request that failed. */
export function errorResponse(context: HeadersOwner, error: ApiError): Response {
  const headers = responseHeaders(context, "application/json");
  const retryAfter = error.status.details?.retryAfterSeconds;
  if (retryAfter !== undefined && retryAfter > 0) headers["retry-after"] = String(retryAfter);
  return fixedResponse(JSON.stringify(error.status), { status: error.code, headers });
}
