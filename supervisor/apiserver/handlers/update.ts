import { isNotFound } from "../../apimachinery/errors.ts";
import type { FieldWrite } from "../../apimachinery/fieldmanager/field-manager.ts";
import { cloneJson, type JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newConflict, newNotFound } from "../../apimachinery/status-errors.ts";
import { decodeObject } from "../negotiation/decode-object.ts";
import { expectedKindOf, readObject } from "../negotiation/read-body.ts";
import type { ResourceContext } from "../request-context.ts";
import { writtenResponse } from "../response/object-response.ts";
import { checkName } from "./check-name.ts";
import { checkNamespace, createObject } from "./create.ts";
import { dedupOwners } from "./dedup-owners.ts";
import { fieldWrite } from "./field-write.ts";
import { writeOptions } from "./request-options.ts";
import { requireCreate } from "./require-create.ts";
import { updatedObject } from "./update-object.ts";

export async function updateHandler(context: ResourceContext): Promise<Response> {
  const { store, info } = context;
  const { definition } = store;
  const options = writeOptions(info.query, "UpdateOptions");
  const expected = expectedKindOf(definition);
  const { object: body, text } = await readObject(context.request, expected);
  const decoding = { validation: options.fieldValidation, text, warnings: context.warnings };
  const object = decodeObject(body, expected, decoding);
  checkName(object.metadata.name, info.name);
  dedupOwners(object, context.warnings, "before admission");
  definition.strategy.setDefaults?.(object);
  const write = fieldWrite(context, options);
  // An object is JSON; each attempt gets its own copy, since it is changed on the way.
  const copy = () => cloneJson(object as unknown as JsonObject) as unknown as ApiObject;
  try {
    const written = await store.update(info.namespace, info.name, options.dryRun, (existing) =>
      updatedObject(context, copy(), existing, options.dryRun, write),
    );
    return await writtenResponse(context, 200, written);
  } catch (error) {
    const creates = definition.strategy.allowCreateOnUpdate && context.subresource === undefined;
    if (!creates || !isNotFound(error)) throw error;
    return await createByUpdate(context, copy(), options.dryRun, write);
  }
}

async function createByUpdate(
  context: ResourceContext,
  object: ApiObject,
  dryRun: boolean,
  write: FieldWrite,
): Promise<Response> {
  const { groupResource } = context.store;
  const { uid, resourceVersion } = object.metadata;
  if (resourceVersion) throw newNotFound(groupResource, context.info.name);
  if (uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: `;
    throw newConflict(groupResource, context.info.name, why);
  }
  checkNamespace(context, object);
  requireCreate(context);
  return writtenResponse(context, 201, await createObject(context, object, dryRun, write));
}
