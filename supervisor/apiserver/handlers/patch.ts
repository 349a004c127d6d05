import { cloneJson, isJsonObject, type JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { KeyValue } from "../../storage/backend.ts";
import { type DecodeOptions, decodeObject } from "../negotiation/decode-object.ts";
import { type ExpectedKind, expectedKindOf, mediaTypeOf } from "../negotiation/read-body.ts";
import type { ResourceContext } from "../request-context.ts";
import { writtenResponse } from "../response/object-response.ts";
import { applyHandler, applyMediaType } from "./apply.ts";
import { checkName } from "./check-name.ts";
import { fieldWrite } from "./field-write.ts";
import { invalidPatch, type Patch, readPatch } from "./read-patch.ts";
import { writeOptions } from "./request-options.ts";
import { updatedObject } from "./update-object.ts";

export async function patchHandler(context: ResourceContext): Promise<Response> {
  const { info, store, request } = context;
  if (mediaTypeOf(request) === applyMediaType) return applyHandler(context);
  const { definition } = store;
  const options = writeOptions(info.query, "PatchOptions");
  const patch = await readPatch(request, definition.custom !== undefined);
  const decoding = { validation: options.fieldValidation, warnings: context.warnings };
  const write = fieldWrite(context, options);
  const written = await store.update(info.namespace, info.name, options.dryRun, (existing) => {
    context.warnings.length = 0;
    const target = store.codec.decode(existing);
    const old = stateBefore(context, patch, target);
    const object = patchedObject(context, patch, existing, target, decoding);
    definition.strategy.setDefaults?.(object);
    return updatedObject(context, object, existing, options.dryRun, write, old);
  });
  return writtenResponse(context, 200, written);
}

/**
 * The state before a patch of the status, as kubelets and controllers send it all the time. It shares its spec with the
 * target, since strategies set the spec back in any case: so it is neither read nor compared twice. Undefined for
 * patches that may reach the spec.
 */
function stateBefore(
  { info, store }: ResourceContext,
  patch: Patch,
  target: ApiObject,
): ApiObject | undefined {
  const isWhole = store.definition.custom !== undefined || info.subresource !== "status";
  if (isWhole || patch.touches("spec")) return undefined;
  const { spec, ...rest } = target;
  const { managedFields, ...metadata } = target.metadata;
  // An object is JSON. Managers are replaced, never changed.
  const copy = cloneJson({ ...rest, metadata } as unknown as JsonObject) as unknown as ApiObject;
  if (managedFields !== undefined) copy.metadata.managedFields = managedFields;
  return spec === undefined ? copy : { ...copy, spec };
}

const ownFields: ReadonlySet<string> = new Set(["kind", "apiVersion", "metadata"]);

function patchedObject(
  { store, info }: ResourceContext,
  patch: Patch,
  existing: KeyValue,
  target: ApiObject,
  decoding: DecodeOptions,
): ApiObject {
  const { definition, codec } = store;
  const { managedFields } = target.metadata;
  // Stored objects are JSON; this copy is ours.
  const patched = patch.apply(target as unknown as JsonObject, definition.model);
  // Managers that the patch has not touched need no decoding, and may be many.
  const metadata = isJsonObject(patched.metadata) ? patched.metadata : {};
  const isUntouched = managedFields !== undefined && Object.is(metadata.managedFields, managedFields);
  if (isUntouched) delete metadata.managedFields;
  const again = () => patch.apply(codec.decode(existing) as unknown as JsonObject, definition.model);
  // Neither do other fields that are as they were stored; custom kinds are decoded as a whole.
  const mayChange = (name: string) =>
    definition.custom !== undefined || ownFields.has(name) || patch.touches(name);
  const changed = Object.fromEntries(Object.entries(patched).filter(([name]) => mayChange(name)));
  const decoded = decodePatched(changed, patch, expectedKindOf(definition), decoding, again);
  const object = { ...patched, ...decoded };
  for (const name of Object.keys(patched)) {
    if (!mayChange(name)) object[name] = patched[name];
    else if (decoded[name] === undefined) delete object[name];
  }
  if (isUntouched) object.metadata.managedFields = managedFields;
  checkName(object.metadata.name, info.name);
  return object;
}

/**
 * Decodes what a patch has made. Decoding changes it, so that `again` makes it anew for messages. Throws Invalid in
 * upstream's words for patches.
 */
export function decodePatched(
  patched: JsonObject,
  patch: Patch,
  expected: ExpectedKind,
  decoding: DecodeOptions,
  again: () => JsonObject,
): ApiObject {
  const { validation, warnings } = decoding;
  const { complaints } = patch;
  if (complaints.length > 0 && validation === "Strict") {
    throw invalidPatch(JSON.stringify(again()), `strict decoding error: ${complaints.join(", ")}`);
  }
  if (validation === "Warn") warnings.push(...complaints);
  try {
    return decodeObject(patched, expected, decoding);
  } catch (error) {
    throw patch.refusal(error, again);
  }
}
