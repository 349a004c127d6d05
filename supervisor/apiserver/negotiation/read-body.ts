/** Request bodies: their size, form and text. */

import { parse as parseYaml } from "yaml";
import { apiMessages } from "../../api/message-set.ts";
import { describeSyntaxError } from "../../apimachinery/json/json-scanner.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../apimachinery/json/json-value.ts";
import { decodeMessage } from "../../apimachinery/protobuf/decode-message.ts";
import { openEnvelope } from "../../apimachinery/protobuf/envelope.ts";
import { ProtobufError } from "../../apimachinery/protobuf/protobuf-reader.ts";
import {
  newBadRequest,
  newRequestEntityTooLarge,
  newUnsupportedMediaType,
} from "../../apimachinery/status-errors.ts";
import { messageOf } from "../../base/errors.ts";
import type { CustomKind } from "../../registry/custom-kind.ts";
import { apiVersionOf, type ResourceDefinition } from "../../registry/resource-definition.ts";

/** What kube-apiserver takes at most. */
const maxBodyBytes = 3 * 1024 * 1024;

const protobuf = "application/vnd.kubernetes.protobuf";
const objectMediaTypes = ["application/json", "application/yaml", protobuf];

/** The body's text. Throws RequestEntityTooLarge. */
export async function readBodyText(request: Request): Promise<string> {
  if (!hasLength(request)) return (await readBounded(request)).toString("utf8");
  const text = await arrived(request.text());
  if (text.length > maxBodyBytes) throw newRequestEntityTooLarge(maxBodyBytes);
  return text;
}

async function readBodyBytes(request: Request): Promise<Uint8Array> {
  return hasLength(request) ? new Uint8Array(await arrived(request.arrayBuffer())) : readBounded(request);
}

/** Rejects with BadRequest where the client broke off. */
async function arrived<T>(body: Promise<T>): Promise<T> {
  try {
    return await body;
  } catch (error) {
    throw newBadRequest(`unexpected EOF: ${messageOf(error)}`);
  }
}

/** Whether a body's length was said. Throws RequestEntityTooLarge for too large a one. */
function hasLength(request: Request): boolean {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBodyBytes) throw newRequestEntityTooLarge(maxBodyBytes);
  return declared > 0;
}

/** Reads a body whose length was not said, and no more of it than is allowed. */
async function readBounded({ body }: Request): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw newRequestEntityTooLarge(maxBodyBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The media type of a body, without its parameters; JSON where none is given. */
export function mediaTypeOf(request: Request): string {
  const header = request.headers.get("content-type");
  if (header === null || header === "" || header === "application/json") return "application/json";
  return (header.split(";", 1)[0] ?? "").trim().toLowerCase();
}

export interface ParsedBody {
  readonly object: JsonObject;
  /** The text as JSON, for finding duplicate fields; protobuf has none. */
  readonly text?: string;
}

/** What a body is to hold. */
export interface ExpectedKind {
  readonly kind: string;
  readonly apiVersion: string;
  readonly model: string;
  /** Reads custom resources, which have no model. */
  readonly custom?: CustomKind;
}

/** What a body of a resource is to hold. */
export function expectedKindOf(definition: ResourceDefinition): ExpectedKind {
  const { kind, model, custom } = definition;
  return { kind, apiVersion: apiVersionOf(definition), model, ...(custom === undefined ? {} : { custom }) };
}

/** A body that holds one object. Throws UnsupportedMediaType, and BadRequest for what cannot be read. */
export async function readObject(request: Request, expected: ExpectedKind): Promise<ParsedBody> {
  checkMediaType(request, expected);
  return parseObject(request, await readWhole(request), expected);
}

/** As {@link readObject}; undefined for an empty body, whatever type it is said to have. */
export async function readOptionalObject(
  request: Request,
  expected: ExpectedKind,
): Promise<ParsedBody | undefined> {
  const given = await readWhole(request);
  if (given.length === 0) return undefined;
  checkMediaType(request, expected);
  return parseObject(request, given, expected);
}

/** Custom kinds have no protobuf form. */
function checkMediaType(request: Request, { model }: ExpectedKind): void {
  const mediaType = mediaTypeOf(request);
  if (mediaType === "application/json") return;
  const taken = apiMessages.has(model)
    ? objectMediaTypes
    : objectMediaTypes.filter((type) => type !== protobuf);
  if (!taken.includes(mediaType)) throw newUnsupportedMediaType(taken);
}

/** The bytes of protobuf, or the text of the others. */
function readWhole(request: Request): Promise<string | Uint8Array> {
  return mediaTypeOf(request) === protobuf ? readBodyBytes(request) : readBodyText(request);
}

function parseObject(request: Request, given: string | Uint8Array, expected: ExpectedKind): ParsedBody {
  if (typeof given !== "string") return { object: fromProtobuf(given, expected) };
  const { kind } = expected;
  const isYaml = mediaTypeOf(request) === "application/yaml";
  const { value, text } = isYaml ? fromYaml(given, kind) : fromJson(given, kind);
  if (isJsonObject(value)) return { object: value, text };
  const found = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  const why = `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
  throw unrecognized(kind, why, given);
}

function fromProtobuf(bytes: Uint8Array, expected: ExpectedKind): JsonObject {
  try {
    const { kind, apiVersion, raw } = openEnvelope(bytes);
    // Another kind is refused by its name: its fields are not looked at.
    if (kind !== "" && kind !== expected.kind) return { kind, apiVersion };
    return { ...decodeMessage(apiMessages, expected.model, raw), kind, apiVersion };
  } catch (error) {
    if (error instanceof ProtobufError) throw unrecognized(expected.kind, error.message, bytes);
    throw error;
  }
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
      JSON.stringify(
        parseYaml(text, { version: "1.1", maxAliasCount: 100, uniqueKeys: false, logLevel: "error" }),
      ) ?? "null";
    // JSON.parse makes nothing but JSON values.
    return { value: JSON.parse(json) as JsonValue, text: json };
  } catch (error) {
    const why = `error converting YAML to JSON: ${messageOf(error)}`;
    throw unrecognized(kind, why, text);
  }
}

function unrecognized(kind: string, why: string, body: string | Uint8Array): Error {
  return newBadRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${why} (${hexStart(body)})`,
  );
}

/** The first bytes of a body in hexadecimal digits. */
function hexStart(body: string | Uint8Array): string {
  if (body.length === 0) return "<empty>";
  const bytes = Buffer.from(typeof body === "string" ? Buffer.from(body.slice(0, 31)) : body.subarray(0, 31));
  return bytes.length > 30 ? `${bytes.subarray(0, 30).toString("hex")} ...` : bytes.toString("hex");
}
