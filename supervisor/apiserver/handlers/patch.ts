import { apiSchemas } from "../../api/schema-set.ts";
import { describeSyntaxError } from "../../apimachinery/json/json-scanner.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../apimachinery/json/json-value.ts";
import { applyJsonPatch, PatchError } from "../../apimachinery/patch/json-patch.ts";
import { applyMergePatch } from "../../apimachinery/patch/merge-patch.ts";
import { applyStrategicMergePatch } from "../../apimachinery/patch/strategic-merge-patch.ts";
import {
  newBadRequest,
  newUnprocessable,
  newUnsupportedMediaType,
} from "../../apimachinery/status-errors.ts";
import { decodeObject } from "../negotiation/decode-object.ts";
import { expectedKindOf, mediaTypeOf, readBodyText } from "../negotiation/read-body.ts";
import type { ResourceContext } from "../request-context.ts";
import { writtenResponse } from "../response/object-response.ts";
import { applyHandler, applyMediaType } from "./apply.ts";
import { fieldWrite } from "./field-write.ts";
import { writeOptions } from "./request-options.ts";
import { updatedObject } from "./update-object.ts";

type Patcher = (target: JsonObject, patch: JsonValue, model: string) => JsonValue;

const patchers: ReadonlyMap<string, Patcher> = new Map<string, Patcher>([
  ["application/json-patch+json", (target, patch) => applyJsonPatch(target, patch)],
  ["application/merge-patch+json", (target, patch) => applyMergePatch(target, patch)],
  [
    "application/strategic-merge-patch+json",
    (target, patch, model) => applyStrategicMergePatch(apiSchemas, model, target, patch),
  ],
]);

/** Applies the patch to a target, which it may change, of a model. Throws API errors. */
export type Patch = (target: JsonObject, model: string) => JsonObject;

/** The patch in the body. Throws UnsupportedMediaType, and BadRequest for what cannot be read. */
export async function readPatch(request: Request): Promise<Patch> {
  const patcher = patchers.get(mediaTypeOf(request));
  if (patcher === undefined) throw newUnsupportedMediaType([...patchers.keys(), applyMediaType]);
  const text = await readBodyText(request);
  parsePatch(text);
  // The patch is read anew each time, since its parts end up in the result.
  return (target, model) => applied(patcher, target, parsePatch(text), model);
}

export async function patchHandler(context: ResourceContext): Promise<Response> {
  const { info, store, request } = context;
  if (mediaTypeOf(request) === applyMediaType) return applyHandler(context);
  const options = writeOptions(info.query, "PatchOptions");
  if (store.definition.custom !== undefined) refuseStrategic(request);
  const patch = await readPatch(request);
  const { definition, codec } = store;
  const expected = expectedKindOf(definition);
  const write = fieldWrite(context, options);
  const written = await store.update(info.namespace, info.name, options.dryRun, (existing) => {
    context.warnings.length = 0;
    const target = codec.decode(existing);
    const { managedFields } = target.metadata;
    // Stored objects are JSON; this copy is ours.
    const patched = patch(target as unknown as JsonObject, definition.model);
    const decoding = { validation: options.fieldValidation, warnings: context.warnings };
    // Managers that the patch has not touched need no decoding, and may be many.
    const metadata = isJsonObject(patched.metadata) ? patched.metadata : {};
    const isUntouched = managedFields !== undefined && Object.is(metadata.managedFields, managedFields);
    if (isUntouched) delete metadata.managedFields;
    const object = decodeObject(patched, expected, decoding);
    if (isUntouched) object.metadata.managedFields = managedFields;
    definition.strategy.setDefaults?.(object);
    return updatedObject(context, object, existing, options.dryRun, write);
  });
  return writtenResponse(context, 200, written);
}

function parsePatch(text: string): JsonValue {
  try {
    // JSON.parse makes nothing but JSON values.
    return JSON.parse(text) as JsonValue;
  } catch {
    throw newBadRequest(`error decoding patch: ${describeSyntaxError(text)}`);
  }
}

function applied(patcher: Patcher, target: JsonObject, patch: JsonValue, model: string): JsonObject {
  let patched: JsonValue;
  try {
    patched = patcher(target, patch, model);
  } catch (error) {
    if (error instanceof PatchError) throw newUnprocessable(error);
    throw error;
  }
  if (!isJsonObject(patched)) throw newBadRequest("the patch does not leave an object");
  return patched;
}

/** Custom resources have no model that says how lists merge. Throws UnsupportedMediaType. */
function refuseStrategic(request: Request): void {
  if (mediaTypeOf(request) !== "application/strategic-merge-patch+json") return;
  const types = [
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
  ];
  throw newUnsupportedMediaType(types);
}
