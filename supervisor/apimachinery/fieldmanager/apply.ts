/** Server-side apply (the `Apply` of structured-merge-diff's updater, and of apimachinery `managedfields/internal`). */

import { cloneJson, equalJson, isJsonObject, type JsonObject } from "../json/json-value.ts";
import type { ApiObject } from "../object-meta.ts";
import { newApplyConflict, newBadRequest, newPlainFailure } from "../status-errors.ts";
import { type Conflict, conflictMessage, describeManager } from "./conflicts.ts";
import {
  type FieldWrite,
  managersAfterUpdate,
  reconciledManagers,
  takenOf,
  type VersionedObject,
  versionComparer,
  withoutManagedFields,
  withoutOwnerless,
} from "./field-manager.ts";
import {
  difference,
  displayPath,
  type FieldSet,
  hasPath,
  intersection,
  isEmpty,
  noFields,
  pathsOf,
  recursiveDifference,
  union,
} from "./field-set.ts";
import { conflictsAllowedByLastApplied, renewLastApplied } from "./last-applied.ts";
import { encodeManagers, isSameManager, type Managed, trustedManagers } from "./managed-fields.ts";
import { mergeObjects } from "./merge-values.ts";
import { ownedFields } from "./owned-fields.ts";
import { removePaths, withNamedFields } from "./remove-items.ts";
import { configComplaint } from "./validate-config.ts";

export interface ApplyRequest extends FieldWrite {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Takes fields from their owners instead of failing. */
  readonly force: boolean;
  /**
   * Brings the merged fields to an object of the kind, with its defaults. May throw what decoding throws.
   */
  finish(merged: JsonObject): ApiObject;
}

/** Who owned what before anybody has applied. */
const beforeFirstApply = "before-first-apply";
/** The manager that takes over from client-side apply. */
const kubectlManager = "kubectl";

interface Outcome {
  /** The merged fields; undefined where they are as they were. */
  readonly merged: JsonObject | undefined;
  readonly managers: readonly Managed[];
}

class ApplyConflicts extends Error {
  constructor(readonly conflicts: readonly Conflict[]) {
    super("conflicts");
  }
}

/** `default/web; apps/v1, Kind=Deployment`. */
function subjectOf({ namespace, name, apiVersion, kind }: ApplyRequest): string {
  return `${namespace}/${name}; ${apiVersion}, Kind=${kind}`;
}

function checkConfig(config: JsonObject, request: ApplyRequest): void {
  const { apiVersion, kind, metadata } = config;
  if (apiVersion !== request.apiVersion || kind !== request.kind) {
    throw newBadRequest(`invalid object type: ${String(apiVersion ?? "")}, Kind=${String(kind ?? "")}`);
  }
  if (isJsonObject(metadata) && metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw newBadRequest("metadata.managedFields must be nil");
  }
  const complaint = configComplaint(request.type, config);
  if (complaint !== undefined) {
    throw newPlainFailure(`failed to create typed patch object (${subjectOf(request)}): ${complaint}`);
  }
}

/** The managers of the live object; all its fields belong to one before anybody has applied. */
function startingFrom(live: ApiObject, request: ApplyRequest): readonly Managed[] {
  const managers = reconciledManagers(trustedManagers(live.metadata.managedFields), request);
  if (managers.length > 0) return managers;
  return managersAfterUpdate([], undefined, live, { ...request, manager: beforeFirstApply });
}

function inVersion(
  request: ApplyRequest,
  object: JsonObject,
  apiVersion: string,
): VersionedObject | undefined {
  if (apiVersion === request.apiVersion || request.convert === undefined) {
    return { type: request.type, object };
  }
  return request.convert(object, apiVersion);
}

/** Back from a version in which fields were taken out. */
function fromVersion(
  request: ApplyRequest,
  { object }: VersionedObject,
  apiVersion: string,
): JsonObject | undefined {
  if (apiVersion === request.apiVersion || request.convert === undefined) return object;
  return request.convert(object, request.apiVersion)?.object;
}

/** Puts back what others own, in whatever version they own it. */
function withOwnedItems(
  request: ApplyRequest,
  merged: JsonObject,
  pruned: JsonObject,
  managers: readonly Managed[],
): JsonObject {
  let result = pruned;
  const owned = new Map<string, FieldSet>();
  for (const { apiVersion, fields } of managers) {
    owned.set(apiVersion, union(owned.get(apiVersion) ?? noFields, fields));
  }
  for (const [apiVersion, fields] of owned) {
    const whole = inVersion(request, merged, apiVersion);
    const part = inVersion(request, result, apiVersion);
    if (whole === undefined || part === undefined) continue;
    const { type } = whole;
    const all = withNamedFields(type, ownedFields(type, whole.object));
    const present = withNamedFields(type, ownedFields(type, part.object));
    const gone = difference(all, union(present, withNamedFields(type, fields)));
    const object = removePaths(type, whole.object, gone);
    result = fromVersion(request, { type, object }, apiVersion) ?? result;
  }
  return result;
}

/** Takes out what the manager has applied before and does not any more, unless somebody else owns it. */
function pruned(
  request: ApplyRequest,
  merged: JsonObject,
  managers: readonly Managed[],
  last: Managed | undefined,
): JsonObject {
  if (last === undefined || isEmpty(last.fields)) return merged;
  const versioned = inVersion(request, merged, last.apiVersion);
  if (versioned === undefined) return merged;
  const { type, object } = versioned;
  const lastNamed = withNamedFields(type, last.fields);
  const bare = removePaths(type, object, lastNamed);
  const bareHere = fromVersion(request, { type, object: bare }, last.apiVersion);
  if (bareHere === undefined) return merged;
  const kept = inVersion(request, withOwnedItems(request, merged, bareHere, managers), last.apiVersion);
  if (kept === undefined) return merged;
  // Only what the manager owned may go: what nobody owns stays.
  const present = withNamedFields(type, ownedFields(type, kept.object));
  const all = withNamedFields(type, ownedFields(type, object));
  const gone = intersection(difference(all, present), lastNamed);
  const rest = removePaths(type, object, gone);
  return fromVersion(request, { type, object: rest }, last.apiVersion) ?? merged;
}

function conflictsOf(
  managers: readonly Managed[],
  own: Managed,
  comparison: ReturnType<typeof versionComparer>,
): readonly Conflict[] {
  return managers
    .filter((managed) => !isSameManager(managed, own))
    .sort((left, right) => (left.manager < right.manager ? -1 : 1))
    .flatMap((managed) => {
      const changed = comparison(managed.apiVersion)?.changed ?? noFields;
      return pathsOf(intersection(managed.fields, changed)).map((path) => ({ managed, path }));
    });
}

/** Merges, prunes and settles who owns what. Throws {@link ApplyConflicts}. */
function applied(
  live: ApiObject | undefined,
  config: JsonObject,
  before: readonly Managed[],
  request: ApplyRequest,
  force: boolean,
): Outcome {
  const liveFields = live === undefined ? undefined : withoutManagedFields(live);
  const own: Managed = {
    manager: request.manager,
    operation: "Apply",
    apiVersion: request.apiVersion,
    subresource: request.subresource,
    time: request.now,
    fields: takenOf(request, recursiveDifference(ownedFields(request.type, config), request.resetFields)),
  };
  const last = before.find((managed) => isSameManager(managed, own));
  const others = before.filter((managed) => managed !== last);
  const whole = mergeObjects(request.type, liveFields ?? {}, config);
  const merged = pruned(request, whole, [...others, own], last);
  // The merged fields are those of an object of the kind.
  const comparison = versionComparer(request, live, merged as unknown as ApiObject);
  const conflicts = force ? [] : conflictsOf(others, own, comparison);
  if (conflicts.length > 0) throw new ApplyConflicts(conflicts);
  const isUnchanged = liveFields !== undefined && equalJson(liveFields, merged);
  const rest = others.flatMap((managed) => {
    const changes = comparison(managed.apiVersion);
    if (changes === undefined) return [];
    return [{ ...managed, fields: difference(managed.fields, union(changes.changed, changes.removed)) }];
  });
  const time = isUnchanged ? last?.time : own.time;
  const mine = { ...own, time, fields: withoutOwnerless(own.fields) };
  return { merged: isUnchanged ? undefined : merged, managers: [...rest, mine] };
}

/** As {@link applied}; kubectl does not conflict with its own earlier client-side applies. */
function appliedOrAllowed(
  live: ApiObject | undefined,
  config: JsonObject,
  before: readonly Managed[],
  request: ApplyRequest,
): Outcome {
  try {
    return applied(live, config, before, request, request.force);
  } catch (error) {
    if (!(error instanceof ApplyConflicts)) throw error;
    const allowed =
      request.manager === kubectlManager ? conflictsAllowedByLastApplied(live, request) : noFields;
    const conflicts = error.conflicts.filter(({ path }) => !hasPath(allowed, path));
    if (conflicts.length === 0) return applied(live, config, before, request, true);
    const causes = conflicts.map(({ managed, path }) => ({
      reason: "FieldManagerConflict",
      message: `conflict with ${describeManager(managed)}`,
      field: displayPath(path),
    }));
    throw newApplyConflict(causes, conflictMessage(conflicts));
  }
}

/**
 * Applies a configuration to the live object, or makes a new one of it: the object to store, with its managers. Throws
 * Conflict, BadRequest, a plain failure for what does not fit the kind, and what `finish` throws.
 */
export function applyConfig(
  live: ApiObject | undefined,
  config: JsonObject,
  request: ApplyRequest,
): ApiObject {
  checkConfig(config, request);
  const before = live === undefined ? [] : startingFrom(live, request);
  const { merged, managers } = appliedOrAllowed(live, config, before, request);
  // What is not merged anew is the live object as it is.
  const object =
    merged === undefined && live !== undefined
      ? (withoutManagedFields(live) as unknown as ApiObject)
      : request.finish(cloneJson(merged ?? config));
  if (request.manager === kubectlManager) renewLastApplied(object, config);
  delete object.metadata.managedFields;
  const entries = encodeManagers(managers);
  if (entries !== undefined) object.metadata.managedFields = entries;
  return object;
}
