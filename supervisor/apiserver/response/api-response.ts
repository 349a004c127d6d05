/** Makes the answers, with the headers and forms that all of them have. */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { stringify as stringifyYaml } from "yaml";
import type { ApiError } from "../../apimachinery/errors.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import { fixedResponse } from "../../base/http/fixed-response.ts";
import {
  documentRules,
  findFormat,
  type MediaType,
  type OutputFormat,
  plainJson,
  protobufMediaType,
} from "../negotiation/output-format.ts";
import type { RequestContext } from "../request-context.ts";
import { encodeDocument } from "./protobuf-response.ts";

/** From this size on answers are compressed for those who accept it, as upstream. */
const gzipThresholdBytes = 128 * 1024;

const gzipAsync = promisify(gzip);

type HeadersOwner = Pick<RequestContext, "auditId" | "warnings" | "flow">;
/** Of requests that were refused early less is known. */
type ErrorContext = HeadersOwner & Partial<Pick<RequestContext, "request">>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controls = /[\x00-\x1f\x7f]+/g;

const beyondLatin = /[\u0100-\uffff]/g;

/** A text within a quoted string of a header, which has room for Latin letters only. */
function quoteHeader(text: string): string {
  const latin = text.replace(
    beyondLatin,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${latin.replace(controls, " ").replace(/["\\]/g, "\\$&")}"`;
}

export function responseHeaders(context: HeadersOwner, contentType: string): Record<string, string> {
  const headers: Record<string, string> = {
    "audit-id": context.auditId,
    "cache-control": "no-cache, private",
    "content-type": contentType,
  };
  if (context.flow !== undefined) {
    headers["x-kubernetes-pf-flowschema-uid"] = context.flow.schemaUid;
    headers["x-kubernetes-pf-prioritylevel-uid"] = context.flow.levelUid;
  }
  if (context.warnings.length > 0) {
    headers.warning = Array.from(new Set(context.warnings), (text) => `299 - ${quoteHeader(text)}`).join(
      ", ",
    );
  }
  return headers;
}

/** Whether the client takes gzip, as upstream reads the header: by the plain word alone. */
export function acceptsGzip(request: Request): boolean {
  const header = request.headers.get("accept-encoding");
  return header?.split(",").some((token) => token.trim() === "gzip") ?? false;
}

/** Whether people read the answer themselves. */
function wantsIndentation(request: Request): boolean {
  const { url } = request;
  // Most requests are spared the reading of their query.
  const pretty = url.includes("pretty") ? new URL(url).searchParams.get("pretty") : null;
  if (pretty !== null && pretty !== "") return /^(?:1|t|T|TRUE|true|True)$/.test(pretty);
  const agent = request.headers.get("user-agent");
  return agent !== null && /^(?:curl|Wget|Mozilla\/5\.0)/.test(agent);
}

/** YAML as upstream writes it: fields in the order of their names, lines of any length. */
function goYaml(document: JsonObject): string {
  return stringifyYaml(document, { version: "1.1", sortMapEntries: true, lineWidth: 0, indentSeq: false });
}

function render(context: RequestContext, format: OutputFormat, json: string): string | Uint8Array {
  if (format.mediaType === protobufMediaType) return encodeDocument(JSON.parse(json));
  if (format.mediaType === "application/yaml") return goYaml(JSON.parse(json));
  return format.pretty || wantsIndentation(context.request) ? indented(JSON.parse(json)) : `${json}\n`;
}

function indented(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

interface TextOptions {
  /** Where it is not the format's own. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer whose JSON text is at hand. */
export function textResponse(
  context: RequestContext,
  status: number,
  format: OutputFormat,
  json: string,
  { contentType = format.mediaType, headers }: TextOptions = {},
): Promise<Response> {
  return bodyResponse(context, status, render(context, format, json), contentType, headers);
}

/** An answer that is whole, compressed where that is worth it. */
export async function bodyResponse(
  context: RequestContext,
  status: number,
  body: string | Uint8Array,
  contentType: string,
  more?: Readonly<Record<string, string>>,
): Promise<Response> {
  const headers = responseHeaders(context, contentType);
  if (more !== undefined) Object.assign(headers, more);
  if (body.length < gzipThresholdBytes || !acceptsGzip(context.request)) {
    return fixedResponse(body, { status, headers });
  }
  headers["content-encoding"] = "gzip";
  headers.vary = headers.vary === undefined ? "Accept-Encoding" : `${headers.vary}, Accept-Encoding`;
  return fixedResponse(await gzipAsync(body, { level: 1 }), { status, headers });
}

/** The answer to a request that failed, in the client's form where it has one for documents. */
export function errorResponse(context: ErrorContext, error: ApiError): Response {
  const accept = context.request?.headers.get("accept") ?? null;
  const { mediaType } = findFormat(accept, documentRules) ?? plainJson;
  const headers = responseHeaders(context, mediaType);
  const retryAfter = error.status.details?.retryAfterSeconds;
  if (retryAfter !== undefined && retryAfter > 0) headers["retry-after"] = String(retryAfter);
  return fixedResponse(statusBody(error, mediaType, context.request), { status: error.code, headers });
}

function statusBody(
  { status }: ApiError,
  mediaType: MediaType,
  request: Request | undefined,
): string | Uint8Array {
  if (mediaType === "application/json") {
    return request !== undefined && wantsIndentation(request)
      ? indented(status)
      : `${JSON.stringify(status)}\n`;
  }
  // A Status is JSON.
  const document = JSON.parse(JSON.stringify(status)) as JsonObject;
  if (mediaType === protobufMediaType) return encodeDocument(document);
  return goYaml(document);
}
