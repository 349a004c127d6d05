import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newConflict, newNotFound } from "../../apimachinery/status-errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import { KeyNotFoundError, type KeyValue, RevisionConflictError } from "../../storage/backend.ts";
import type { ResourceContext } from "../request-context.ts";
import { textResponse } from "../response/api-response.ts";
import { writtenResponse } from "../response/object-response.ts";
import type { Written } from "../storage/object-store.ts";
import { type DeleteOptions, readDeleteOptions } from "./delete-options.ts";
import { planDeletion } from "./plan-deletion.ts";

export interface Deleted {
  readonly written: Written;
  /** Whether the object is gone, and not only marked. */
  readonly gone: boolean;
  readonly uid: string;
}

export async function deleteHandler(context: ResourceContext): Promise<Response> {
  const { info, request, store } = context;
  const options = await readDeleteOptions(request, info.query);
  warnOfDefault(context, options);
  const deleted = await deleteObject(context, info.namespace, info.name, options);
  if (!deleted.gone || store.definition.strategy.returnsDeletedObject) {
    // Not 202 in all cases of waiting: clients of old times took that for a failure.
    const code = !deleted.gone && options.cascadesByOldOption ? 202 : 200;
    return writtenResponse(context, code, deleted.written);
  }
  const { group, resource } = store.groupResource;
  const details = { name: info.name, ...(group === "" ? {} : { group }), kind: resource, uid: deleted.uid };
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
  return textResponse(context, 200, context.format, JSON.stringify(status));
}

/** Tells a client that says nothing of dependents what the kind does by default, where that surprises. */
export function warnOfDefault(context: ResourceContext, options: DeleteOptions): void {
  const { defaultPropagationWarning: warning } = context.store.definition.strategy;
  if (warning !== undefined && options.propagation === undefined) context.warnings.push(warning);
}

/** Throws Conflict where the object is not the one that the client means. */
function checkPreconditions(context: ResourceContext, object: ApiObject, options: DeleteOptions): void {
  const { definition } = context.store;
  const { name = "", uid = "", resourceVersion = "" } = object.metadata;
  const refuse = (why: string) =>
    newConflict({ group: definition.group, resource: definition.kind }, name, why);
  if (options.uid !== undefined && options.uid !== uid) {
    throw refuse(
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw refuse(
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

/**
 * Deletes an object, or marks it where somebody has to end it first. Throws NotFound and Conflict. A write that comes
 * between is looked at anew, as often as it takes: a deletion does not depend on the state it was decided on.
 */
export async function deleteObject(
  context: ResourceContext,
  namespace: string,
  name: string,
  options: DeleteOptions,
): Promise<Deleted> {
  const { store, services } = context;
  for (;;) {
    const existing = await store.get(namespace, name);
    const object = store.codec.decode(existing);
    checkPreconditions(context, object, options);
    const admission = { operation: "DELETE", context, old: object, dryRun: options.dryRun } as const;
    await context.admission.admit(admission);
    await context.admission.validate(admission);
    const uid = object.metadata.uid ?? "";
    const plan = planDeletion(store.definition, object, options, timestamp(services.clock.now()));
    const gone = plan === "remove";
    if (options.dryRun) return { written: { object }, gone, uid };
    if (plan === "pending") return { written: { stored: existing }, gone, uid };
    const stored = await writeOnce(context, existing, plan === "mark" ? object : undefined);
    if (stored === "absent") throw newNotFound(store.groupResource, name);
    if (stored !== "raced") return { written: { stored }, gone, uid };
  }
}

async function writeOnce(
  context: ResourceContext,
  existing: KeyValue,
  marked: ApiObject | undefined,
): Promise<KeyValue | "raced" | "absent"> {
  const { backend, codec, hooks } = context.store;
  try {
    if (marked === undefined) {
      const deleted = await backend.delete(existing.key, existing.modRevision);
      await hooks?.afterDelete(codec.decode(deleted));
      return deleted;
    }
    const value = codec.encode(marked);
    if (value === existing.value) return existing;
    return await backend.update(existing.key, value, existing.modRevision);
  } catch (error) {
    if (error instanceof KeyNotFoundError) return "absent";
    if (error instanceof RevisionConflictError) return "raced";
    throw error;
  }
}
