/** The patch in a request, and what goes wrong with it, in upstream's words (kubernetes `endpoints/handlers/patch.go`). */
import { apiSchemas } from "../../api/schema-set.ts";
import { ApiError } from "../../apimachinery/errors.ts";
import { invalidField } from "../../apimachinery/field-error.ts";
import { countKeys } from "../../apimachinery/json/count-keys.ts";
import { goValue } from "../../apimachinery/json/go-value.ts";
import { duplicateFields } from "../../apimachinery/json/json-scanner.ts";
import {
  cloneJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../apimachinery/json/json-value.ts";
import { applyJsonPatch } from "../../apimachinery/patch/json-patch.ts";
import { applyMergePatch } from "../../apimachinery/patch/merge-patch.ts";
import { PatchError } from "../../apimachinery/patch/patch-error.ts";
import { applyStrategicMergePatch } from "../../apimachinery/patch/strategic-merge-patch.ts";
import {
  newBadRequest,
  newInvalid,
  newTooManyOperations,
  newUnprocessable,
  newUnsupportedMediaType,
} from "../../apimachinery/status-errors.ts";
import { mediaTypeOf, readBodyText } from "../negotiation/read-body.ts";
import { applyMediaType } from "./apply.ts";

const jsonPatch = "application/json-patch+json";
const mergePatch = "application/merge-patch+json";
const strategicMergePatch = "application/strategic-merge-patch+json";

const maxOperations = 10_000;
const operationFields: ReadonlySet<string> = new Set(["op", "path", "from", "value"]);

export interface Patch {
  /** Applies the patch to a target, which it may change, of a model. Throws API errors. */
  apply(target: JsonObject, model: string): JsonObject;
  /** Whether it may change a field at the top of the target. */
  touches(field: string): boolean;
  /** What strict decoding complains of in the patch itself. */
  readonly complaints: readonly string[];
  /** The error for a patched object that its kind does not take; other errors are given back as they are. */
  refusal(error: unknown, patched: () => JsonObject): unknown;
}

/** The patch in the body. Throws UnsupportedMediaType, and BadRequest for what cannot be read. */
export async function readPatch(request: Request, isCustom: boolean): Promise<Patch> {
  const mediaType = mediaTypeOf(request);
  const supported = [jsonPatch, mergePatch, ...(isCustom ? [] : [strategicMergePatch])];
  if (!supported.includes(mediaType)) throw newUnsupportedMediaType([...supported, applyMediaType]);
  const text = await readBodyText(request);
  const parsed = parse(text);
  const isOperations = mediaType === jsonPatch;
  checkForm(mediaType, parsed);
  return {
    complaints: complaintsOf(text, parsed, isOperations),
    touches: (field) => !isJsonObject(parsed) || hasDirective(parsed) || Object.hasOwn(parsed, field),
    // The patch is copied each time, since its parts end up in the result.
    apply: (target, model) => patched(mediaType, target, cloneJson(parsed), model),
    refusal(error, result) {
      const why = decodingComplaint(error);
      if (why === undefined) return error;
      if (mediaType === strategicMergePatch) return invalidPatch(goValue(parsed), unstructuredWords(why));
      return invalidPatch(JSON.stringify(result()), why);
    },
  };
}

function hasDirective(patch: JsonObject): boolean {
  return Object.keys(patch).some((key) => key.startsWith("$"));
}

function parse(text: string): JsonValue {
  try {
    // JSON.parse makes nothing but JSON values.
    return JSON.parse(text) as JsonValue;
  } catch {
    throw newBadRequest("invalid JSON patch");
  }
}

/** What Go calls a value where it wants another: the kinds of JSON. */
function jsonKind(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function checkForm(mediaType: string, patch: JsonValue): void {
  const wrong = (type: string) => `json: cannot unmarshal ${jsonKind(patch)} into Go value of type ${type}`;
  if (mediaType === jsonPatch) {
    if (!Array.isArray(patch)) {
      throw newBadRequest(`error decoding patch: ${wrong("[]handlers.jsonPatchOp")}`);
    }
    if (patch.length > maxOperations) throw newTooManyOperations(maxOperations, patch.length);
  } else if (!isJsonObject(patch)) {
    const why = wrong("map[string]interface {}");
    throw newBadRequest(mediaType === mergePatch ? `error decoding patch: ${why}` : why);
  }
}

function keysOf(value: JsonValue | undefined): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + keysOf(item), 0);
  if (!isJsonObject(value)) return 0;
  const names = Object.keys(value);
  return names.reduce((sum, name) => sum + keysOf(value[name]), names.length);
}

function complaintsOf(text: string, patch: JsonValue, isOperations: boolean): readonly string[] {
  const prefix = isOperations ? "json patch " : "";
  const repeated = countKeys(text) === keysOf(patch) ? [] : duplicateFields(text);
  const duplicates = repeated.map((field) => `${prefix}duplicate field ${JSON.stringify(field)}`);
  if (!isOperations || !Array.isArray(patch)) return duplicates;
  const unknown = patch.flatMap((operation, index) =>
    Object.keys(isJsonObject(operation) ? operation : {})
      .filter((field) => !operationFields.has(field))
      .map((field) => `json patch unknown field "[${index}].${field}"`),
  );
  return [...duplicates, ...unknown];
}

function patched(mediaType: string, target: JsonObject, patch: JsonValue, model: string): JsonObject {
  try {
    const result = patchedValue(mediaType, target, patch, model);
    if (isJsonObject(result)) return result;
  } catch (error) {
    throw error instanceof PatchError ? patchFailure(error) : error;
  }
  throw newBadRequest("the patch does not leave an object");
}

function patchedValue(mediaType: string, target: JsonObject, patch: JsonValue, model: string): JsonValue {
  if (mediaType === jsonPatch) return applyJsonPatch(withOwnManagers(target, patch), patch);
  if (mediaType === mergePatch || !isJsonObject(patch)) return applyMergePatch(target, patch);
  return strategicallyMerged(target, patch, model);
}

/** What a strategic merge patch makes is always of the target's kind and version, whatever the patch says of them. */
function strategicallyMerged(target: JsonObject, patch: JsonObject, model: string): JsonValue {
  const { kind, apiVersion } = target;
  const result = applyStrategicMergePatch(apiSchemas, model, target, patch);
  if (isJsonObject(result)) {
    if (kind !== undefined) result.kind = kind;
    if (apiVersion !== undefined) result.apiVersion = apiVersion;
  }
  return result;
}

/** Other patches replace managers as a whole; these may reach into the sets that objects share. */
function withOwnManagers(target: JsonObject, patch: JsonValue): JsonObject {
  const { metadata } = target;
  if (!isJsonObject(metadata) || metadata.managedFields === undefined) return target;
  if (!JSON.stringify(patch).includes("managedFields")) return target;
  return { ...target, metadata: { ...metadata, managedFields: cloneJson(metadata.managedFields) } };
}

function patchFailure(error: PatchError): ApiError {
  return error.kind === "malformed" ? newBadRequest(error.message) : newUnprocessable(error);
}

const decodingRefusal = /^.* in version .* cannot be handled as a [^:]*: /;

/** What is wrong with an object that decoding has refused; undefined for other errors. */
function decodingComplaint(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.code !== 400) return undefined;
  const start = decodingRefusal.exec(error.message)?.[0];
  return start === undefined ? undefined : error.message.slice(start.length);
}

export function invalidPatch(value: string, why: string): ApiError {
  return newInvalid({ group: "", kind: "" }, "", [invalidField("patch", value, why)]);
}

const mismatch = /^json: cannot unmarshal (\w+)(?: ([-\d.e+]+))? into Go .* of type (.+)$/;

/** A wrong type in the words of the converter that strategic merge patches go through instead of the decoder. */
function unstructuredWords(why: string): string {
  const [, kind = "", number, type = ""] = mismatch.exec(why) ?? [];
  if (kind === "") return why;
  const source = { object: "map", array: "slice" }[kind] ?? kind;
  if (type.startsWith("[]") && type !== "[]uint8") return `cannot restore slice from ${source}`;
  if (type.startsWith("map[") || type === "v1.ResourceList") return `cannot restore map from ${source}`;
  if (/^v\w+\.[A-Z]/.test(type) && kind !== "number" && source !== "string") {
    return `cannot restore struct from: ${source}`;
  }
  const target = /^(?:u?int\d*|float\d+|bool)$/.test(type) ? type : "string";
  if (kind === "number" && target === "string") {
    return `cannot convert ${number?.includes(".") ? "float64" : "int64"} to ${type}`;
  }
  return `unrecognized type: ${target}`;
}
