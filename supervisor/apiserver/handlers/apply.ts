/** PATCH with an applied configuration: server-side apply (kubernetes `endpoints/handlers/patch.go`, `applyPatcher`). */
import { isAlreadyExists, isNotFound } from "../../apimachinery/errors.ts";
import { type ApplyRequest, applyConfig } from "../../apimachinery/fieldmanager/apply.ts";
import { withConversions } from "../../apimachinery/fieldmanager/pending-conversion.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newBadRequest, newConflict, newNotFound } from "../../apimachinery/status-errors.ts";
import { decodeObject } from "../negotiation/decode-object.ts";
import { expectedKindOf, readBodyText } from "../negotiation/read-body.ts";
import type { ResourceContext } from "../request-context.ts";
import { writtenResponse } from "../response/object-response.ts";
import type { Written } from "../storage/object-store.ts";
import { parseAppliedConfig } from "./applied-config.ts";
import { checkName } from "./check-name.ts";
import { checkNamespace, createObject } from "./create.ts";
import { fieldWrite } from "./field-write.ts";
import { type WriteOptions, writeOptions } from "./request-options.ts";
import { requireCreate } from "./require-create.ts";
import { updatedObject } from "./update-object.ts";

export const applyMediaType = "application/apply-patch+yaml";

export interface Application {
  readonly context: ResourceContext;
  readonly options: WriteOptions;
  readonly config: JsonObject;
  /** What strict decoding complains of. */
  readonly complaint: string | undefined;
}

export async function applyHandler(context: ResourceContext): Promise<Response> {
  const { info, store } = context;
  const application = await readApplication(context);
  const { options, complaint } = application;
  const warn = () => {
    context.warnings.length = 0;
    if (complaint !== undefined && options.fieldValidation === "Warn") context.warnings.push(complaint);
  };
  const key = store.key(info.namespace, info.name);
  for (;;) {
    warn();
    if ((await store.backend.get(key)) === undefined) {
      if (context.subresource !== undefined) throw newNotFound(store.groupResource, info.name);
      const written = await created(application);
      if (written !== "raced") return writtenResponse(context, 201, written);
    } else {
      const written = await updated(application);
      if (written !== "raced") return writtenResponse(context, 200, written);
    }
  }
}

/** The configuration that a request applies. Throws BadRequest and Invalid. */
export async function readApplication(context: ResourceContext): Promise<Application> {
  const options = writeOptions(context.info.query, "PatchOptions", true);
  const { config, complaint } = parseAppliedConfig(await readBodyText(context.request));
  if (complaint !== undefined && options.fieldValidation === "Strict") {
    throw newBadRequest(`error strict decoding patch: ${complaint}`);
  }
  return { context, options, config, complaint };
}

/** The object that the configuration makes of the live one, with its managers. */
function appliedTo(
  { context, options, config }: Application,
  live: ApiObject | undefined,
): Promise<ApiObject> {
  const { store, info } = context;
  const { definition } = store;
  const request: ApplyRequest = {
    ...fieldWrite(context, options),
    kind: definition.kind,
    namespace: info.namespace,
    name: info.name,
    force: options.force,
    finish(merged) {
      const decoding = { validation: "Ignore", warnings: context.warnings } as const;
      const object = decodeObject(merged, expectedKindOf(definition), decoding);
      definition.strategy.setDefaults?.(object);
      return object;
    },
  };
  return withConversions(() => applyConfig(live, config, request));
}

async function created(application: Application): Promise<Written | "raced"> {
  const { context, options } = application;
  const { store, info } = context;
  requireCreate(context);
  const object = await appliedTo(application, undefined);
  const { name, uid } = object.metadata;
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw newConflict(store.groupResource, info.name, why);
  }
  checkNamespace(context, object);
  checkName(name, info.name);
  try {
    return await createObject(context, object, options.dryRun);
  } catch (error) {
    if (isAlreadyExists(error)) return "raced";
    throw error;
  }
}

async function updated(application: Application): Promise<Written | "raced"> {
  const { context, options } = application;
  const { store, info } = context;
  try {
    return await store.update(info.namespace, info.name, options.dryRun, async (existing) => {
      const object = await appliedTo(application, store.codec.decode(existing));
      checkName(object.metadata.name, info.name);
      return updatedObject(context, object, existing, options.dryRun);
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const isThere = (await store.backend.get(store.key(info.namespace, info.name))) !== undefined;
    if (isThere) throw error;
    return "raced";
  }
}
