/** Request bodies: their size, form and text. */
import { parse as parseYaml } from "yaml";
import { describeSyntaxError } from "../../apimachinery/json/json-scanner.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../apimachinery/json/json-value.ts";
import {
  newBadRequest,
  newRequestEntityTooLarge,
  newUnsupportedMediaType,
} from "../../apimachinery/status-errors.ts";

/** What kube-apiserver takes at most. */
const maxBodyBytes = 3 * 1024 * 1024;

const objectMediaTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

/** The body's text. Throws RequestEntityTooLarge. */
export async function readBodyText(request: Request): Promise<string> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBodyBytes) throw newRequestEntityTooLarge(maxBodyBytes);
  if (request.body === null) return "";
  if (declared > 0) {
    const text = await request.text();
    if (text.length > maxBodyBytes) throw newRequestEntityTooLarge(maxBodyBytes);
    return text;
  }
  return await readBounded(request.body);
}

/** Reads a body whose length was not said, and no more of it than is allowed. */
async function readBounded(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw newRequestEntityTooLarge(maxBodyBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The media type of a body, without its parameters; JSON where none is given. */
export function mediaTypeOf(request: Request): string {
  const header = request.headers.get("content-type");
  if (header === null || header === "" || header === "application/json") return "application/json";
  return (header.split(";", 1)[0] ?? "").trim().toLowerCase();
}

export interface ParsedBody {
  readonly object: JsonObject;
  /** The text as JSON, for finding duplicate fields. */
  readonly text: string;
}

/** A body that holds one object, in JSON or YAML. Throws UnsupportedMediaType, and BadRequest for another text. */
export async function readObject(request: Request, kind: string): Promise<ParsedBody> {
  const mediaType = mediaTypeOf(request);
  if (mediaType !== "application/json" && mediaType !== "application/yaml") {
    throw newUnsupportedMediaType(objectMediaTypes);
  }
  const given = await readBodyText(request);
  const { value, text } = mediaType === "application/yaml" ? fromYaml(given, kind) : fromJson(given, kind);
  if (isJsonObject(value)) return { object: value, text };
  const found = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  const why = `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
  throw unrecognized(kind, why, given);
}

function fromJson(text: string, kind: string): { readonly value: JsonValue; readonly text: string } {
  try {
    // JSON.parse makes nothing but JSON values.
    return { value: JSON.parse(text) as JsonValue, text };
  } catch {
    const why = `couldn't get version/kind; json parse error: ${describeSyntaxError(text)}`;
    throw unrecognized(kind, why, text);
  }
}

function fromYaml(text: string, kind: string): { readonly value: JsonValue; readonly text: string } {
  try {
    const json =
      JSON.stringify(parseYaml(text, { version: "1.1", maxAliasCount: 100, uniqueKeys: false })) ?? "null";
    // JSON.parse makes nothing but JSON values.
    return { value: JSON.parse(json) as JsonValue, text: json };
  } catch (error) {
    const why = `error converting YAML to JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw unrecognized(kind, why, text);
  }
}

function unrecognized(kind: string, why: string, text: string): Error {
  return newBadRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${why} (${hexStart(text)})`,
  );
}

/** The first bytes of a body in hexadecimal digits. */
function hexStart(text: string): string {
  if (text === "") return "<empty>";
  const bytes = Buffer.from(text.slice(0, 31));
  return bytes.length > 30 ? `${bytes.subarray(0, 30).toString("hex")} ...` : bytes.toString("hex");
}
