import { isAlreadyExists } from "../../apimachinery/errors.ts";
import type { FieldWrite } from "../../apimachinery/fieldmanager/field-manager.ts";
import { cloneJson, type JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newBadRequest, newGenerateNameConflict, newInvalid } from "../../apimachinery/status-errors.ts";
import { validateObjectMeta } from "../../apimachinery/validation/object-meta.ts";
import { timestamp } from "../../base/timestamp.ts";
import { decodeObject } from "../negotiation/decode-object.ts";
import { expectedKindOf, readObject } from "../negotiation/read-body.ts";
import { type ResourceContext, strategyContext } from "../request-context.ts";
import { writtenResponse } from "../response/object-response.ts";
import type { Written } from "../storage/object-store.ts";
import { admitObject } from "./admit-object.ts";
import { dedupOwners } from "./dedup-owners.ts";
import { fieldWrite } from "./field-write.ts";
import { metaRules } from "./meta-rules.ts";
import { writeOptions } from "./request-options.ts";
import { trackManagers } from "./track-managers.ts";

/** How many names are tried for one `generateName`. */
const maxNameAttempts = 8;
/** The longest text before a generated name's suffix. */
const maxGenerateNameLength = 58;

export async function createHandler(context: ResourceContext): Promise<Response> {
  const { definition } = context.store;
  const options = writeOptions(context.info.query, "CreateOptions");
  const expected = expectedKindOf(definition);
  const { object: body, text } = await readObject(context.request, expected);
  const decoding = { validation: options.fieldValidation, text, warnings: context.warnings };
  const object = decodeObject(body, expected, decoding);
  checkNamespace(context, object);
  dedupOwners(object, context.warnings, "before admission");
  definition.strategy.setDefaults?.(object);
  const written = await createObject(context, object, options.dryRun, fieldWrite(context, options));
  return writtenResponse(context, 201, written);
}

/** The object's namespace is the request's; throws BadRequest where the object says another. */
export function checkNamespace(context: ResourceContext, object: ApiObject): void {
  const { definition } = context.store;
  const { metadata } = object;
  if (!definition.namespaced) {
    delete metadata.namespace;
    return;
  }
  metadata.namespace ||= context.info.namespace;
  if (metadata.namespace !== context.info.namespace) {
    throw newBadRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
}

/**
 * Admits, validates and stores a new object whose defaults are set. Its managers are settled already where no `write`
 * is given.
 */
export async function createObject(
  context: ResourceContext,
  object: ApiObject,
  dryRun: boolean,
  write?: FieldWrite,
): Promise<Written> {
  const { generateName } = object.metadata;
  if (object.metadata.name || !generateName) return createOnce(context, object, dryRun, write);
  const base = generateName.slice(0, maxGenerateNameLength);
  for (let attempt = 1; ; attempt++) {
    // An object is JSON; each attempt gets its own copy.
    const copy = cloneJson(object as unknown as JsonObject) as unknown as ApiObject;
    copy.metadata.name = base + context.services.nameSuffix();
    try {
      return await createOnce(context, copy, dryRun, write);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      if (attempt === maxNameAttempts) {
        throw newGenerateNameConflict(context.store.groupResource, copy.metadata.name);
      }
    }
  }
}

async function createOnce(
  context: ResourceContext,
  object: ApiObject,
  dryRun: boolean,
  write: FieldWrite | undefined,
): Promise<Written> {
  const { store, services } = context;
  const { metadata } = object;
  if (!dryRun && /^0*[1-9]\d*$/.test(metadata.resourceVersion ?? "")) {
    throw newBadRequest("resourceVersion should not be set on objects to be created");
  }
  for (const field of ["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    delete metadata[field];
  }
  delete metadata.generation;
  if (write !== undefined) await trackManagers(undefined, object, write);
  metadata.uid = services.uid();
  metadata.creationTimestamp = timestamp(services.clock.now());
  await admitObject({ operation: "CREATE", context, object, dryRun });
  const finish = await store.hooks?.beginCreate(object, dryRun);
  let isWritten = false;
  try {
    const written = await storeNew(context, object, dryRun);
    isWritten = true;
    return written;
  } finally {
    await finish?.(isWritten);
  }
}

/** Prepares, validates and stores a new object that admission has let through. */
async function storeNew(context: ResourceContext, object: ApiObject, dryRun: boolean): Promise<Written> {
  const { store } = context;
  const { definition } = store;
  const { strategy } = definition;
  const { metadata } = object;
  strategy.prepareForCreate?.(object, strategyContext(context));
  const errors = [
    ...validateObjectMeta(metadata, metaRules(definition)),
    ...(strategy.validate?.(object) ?? []),
  ];
  if (errors.length > 0) {
    throw newInvalid({ group: definition.group, kind: definition.kind }, metadata.name ?? "", errors);
  }
  await context.admission.validate({ operation: "CREATE", context, object, dryRun });
  if (strategy.warnings !== undefined) context.warnings.push(...strategy.warnings(object));
  return store.create(metadata.namespace ?? "", object, dryRun);
}
