/** The rules that every change of an object passes, whether by PUT or PATCH (kubernetes `registry/rest/update.go`). */

import { invalidField } from "../../apimachinery/field-error.ts";
import type { FieldWrite } from "../../apimachinery/fieldmanager/field-manager.ts";
import { differInTimesOnly } from "../../apimachinery/fieldmanager/managed-fields.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newConflict, newInvalid, optimisticLockMessage } from "../../apimachinery/status-errors.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/validation/object-meta.ts";
import type { Strategy } from "../../registry/resource-definition.ts";
import type { KeyValue } from "../../storage/backend.ts";
import { type ResourceContext, strategyContext } from "../request-context.ts";
import type { UpdateOutcome } from "../storage/object-store.ts";
import { admitObject } from "./admit-object.ts";
import { checkNamespace } from "./create.ts";
import { isFinallyDeleted } from "./deletion-state.ts";
import { metaRules } from "./meta-rules.ts";
import { trackManagers } from "./track-managers.ts";

/** The strategy of the resource, or of the part that the request is for. */
function strategyOf(context: ResourceContext): Strategy {
  const { subresource, store } = context;
  return subresource?.type === "part" ? subresource.strategy : store.definition.strategy;
}

/** Sets a field back to what it was, also where it was absent. */
function keep<T extends object, Key extends keyof T>(target: T, old: T, key: Key): void {
  if (old[key] === undefined) delete target[key];
  else target[key] = old[key];
}

/** An update that changes nothing but the times of managers changes nothing. */
function keepTimes(object: ApiObject, old: ApiObject): void {
  const { managedFields } = old.metadata;
  if (managedFields === undefined || !differInTimesOnly(object.metadata.managedFields, managedFields)) return;
  const metadata = { ...object.metadata, managedFields, resourceVersion: old.metadata.resourceVersion };
  if (equalJson({ ...object, metadata }, old)) object.metadata.managedFields = managedFields;
}

/** Throws Conflict where the client's state is not the newest, or of another object. */
function checkPreconditions(context: ResourceContext, object: ApiObject, existing: KeyValue): void {
  const { store, info } = context;
  const { uid, resourceVersion } = object.metadata;
  const existingUid = /"uid":"([^"]*)"/.exec(existing.value)?.[1];
  if (uid && uid !== existingUid) {
    const why = `StorageError: invalid object, Code: 4, Key: ${existing.key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${existingUid}`;
    throw newConflict(store.groupResource, info.name, why);
  }
  if (resourceVersion) {
    if (resourceVersion !== String(existing.modRevision)) {
      throw newConflict(store.groupResource, info.name, optimisticLockMessage);
    }
  } else if (store.definition.strategy.allowUnconditionalUpdate || context.subresource !== undefined) {
    object.metadata.resourceVersion = String(existing.modRevision);
  } else {
    const errors = [invalidField("metadata.resourceVersion", 0, "must be specified for an update")];
    throw newInvalid({ group: store.definition.group, kind: store.definition.resource }, info.name, errors);
  }
}

/**
 * Makes the state to store from the one that the client wants. `object` has its defaults and becomes the new state;
 * its managers are settled already where no `write` is given. `old` is `existing` decoded, for callers that have it.
 * Throws Conflict, Invalid, and what admission throws.
 */
export async function updatedObject(
  context: ResourceContext,
  object: ApiObject,
  existing: KeyValue,
  dryRun: boolean,
  write?: FieldWrite,
  old: ApiObject = context.store.codec.decode(existing),
): Promise<UpdateOutcome> {
  const { store } = context;
  const { definition } = store;
  checkPreconditions(context, object, existing);
  checkNamespace(context, object);
  if (write !== undefined) await trackManagers(old, object, write);
  const admission = { operation: "UPDATE", context, object, old, dryRun } as const;
  await admitObject(admission);
  const { metadata } = object;
  keep(metadata, old.metadata, "generation");
  metadata.name ||= old.metadata.name ?? "";
  const hooks = context.subresource === undefined ? store.hooks : undefined;
  const finish = await hooks?.beginUpdate(object, old, dryRun);
  try {
    prepareUpdate(context, object, old);
    await context.admission.validate(admission);
    keepTimes(object, old);
  } catch (error) {
    await finish?.(false);
    throw error;
  }
  const action = isFinallyDeleted(definition, object) ? "delete" : "store";
  return { action, object, finish };
}

/** Lets the strategy have its say, and validates. Throws Invalid. */
function prepareUpdate(context: ResourceContext, object: ApiObject, old: ApiObject): void {
  const { definition } = context.store;
  const strategy = strategyOf(context);
  const { metadata } = object;
  strategy.prepareForUpdate?.(object, old, strategyContext(context));
  metadata.uid ||= old.metadata.uid ?? "";
  keep(metadata, old.metadata, "creationTimestamp");
  keep(metadata, old.metadata, "deletionTimestamp");
  keep(metadata, old.metadata, "deletionGracePeriodSeconds");
  if (old.metadata.generateName !== undefined) metadata.generateName ??= old.metadata.generateName;
  const errors = [
    ...validateObjectMeta(metadata, metaRules(definition)),
    ...validateObjectMetaUpdate(metadata, old.metadata),
    ...(strategy.validateUpdate?.(object, old) ?? []),
  ];
  if (errors.length > 0) {
    throw newInvalid({ group: definition.group, kind: definition.kind }, metadata.name ?? "", errors);
  }
  if (strategy.warnings !== undefined) context.warnings.push(...strategy.warnings(object, old));
}
