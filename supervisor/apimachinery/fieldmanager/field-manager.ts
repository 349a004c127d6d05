/**
 * Keeps `metadata.managedFields` at creates, updates and patches (apimachinery `managedfields/internal`, and the
 * `Update` of structured-merge-diff's updater).
 */
import type { JsonObject } from "../json/json-value.ts";
import type { ApiObject, ManagedFieldsEntry } from "../object-meta.ts";
import { type Comparison, compareObjects, touched } from "./compare.ts";
import {
  difference,
  type FieldSet,
  isEmpty,
  matchingPaths,
  type PathPattern,
  setOfPaths,
  union,
} from "./field-set.ts";
import {
  capUpdaters,
  encodeManagers,
  isSameManager,
  type Managed,
  startingManagers,
  trustedManagers,
} from "./managed-fields.ts";
import type { MergeType } from "./merge-type.ts";
import { PathElementError } from "./path-element.ts";
import { reconciledFields } from "./reconcile-schema.ts";

/** An object in another version of its kind. */
export interface VersionedObject {
  readonly type: MergeType;
  readonly object: JsonObject;
}

/** Who writes what. */
export interface FieldWrite {
  readonly type: MergeType;
  readonly apiVersion: string;
  /** Empty for the resource itself. */
  readonly subresource: string;
  readonly manager: string;
  /** The time of the write as the API writes times. */
  readonly now: string;
  /** Fields that the strategy sets back, whatever the client says: nobody comes to own them by this write. */
  readonly resetFields: FieldSet;
  /** The only fields that the strategy takes from the client, where it sets back all others. */
  readonly takenFields?: readonly PathPattern[];
  /**
   * The object in another version, in which a manager owns fields; undefined for a version that is no longer there.
   * Without it all versions are alike.
   */
  convert?(object: JsonObject, apiVersion: string): VersionedObject | undefined;
  /** How the kind merges in a version, where its schema may have changed; undefined for a version that is gone. */
  typeIn?(apiVersion: string): MergeType | undefined;
}

/** What nobody owns (apimachinery `stripmeta.go`). */
const ownerless = setOfPaths([
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...[
    ...["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName"],
    ...["generation", "managedFields", "resourceVersion"],
  ].map((name) => ["f:metadata", `f:${name}`]),
]);

const ownedParts = new WeakMap<FieldSet, FieldSet>();

/** Sets of alike objects are one set, so that their parts with owners are one as well. */
export function withoutOwnerless(set: FieldSet): FieldSet {
  const known = ownedParts.get(set);
  if (known !== undefined) return known;
  const owned = difference(set, ownerless);
  ownedParts.set(set, owned);
  return owned;
}

/** The object's fields without the managers, which nobody manages. */
export function withoutManagedFields(object: ApiObject): JsonObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  // An object is JSON.
  return { ...object, metadata } as unknown as JsonObject;
}

/** The paths that a write may have to do with. */
export function takenOf({ takenFields }: FieldWrite, set: FieldSet): FieldSet {
  return takenFields === undefined ? set : matchingPaths(set, takenFields);
}

/** What managers own by the schema as it is now. */
export function reconciledManagers(managers: readonly Managed[], write: FieldWrite): readonly Managed[] {
  if (write.typeIn === undefined) return managers;
  return managers.map((managed) => {
    const type = write.typeIn?.(managed.apiVersion);
    if (type === undefined) return managed;
    const fields = reconciledFields(type, managed.fields);
    return fields === managed.fields ? managed : { ...managed, fields };
  });
}

/** Compares two states in the versions in which managers own fields; undefined for a version that is gone. */
export function versionComparer(
  write: FieldWrite,
  live: ApiObject | undefined,
  object: ApiObject,
): (apiVersion: string) => Comparison | undefined {
  const known = new Map<string, Comparison | undefined>();
  const compare = (type: MergeType, before: JsonObject | undefined, after: JsonObject): Comparison => {
    const { changed, removed } = compareObjects(type, before, after, write.resetFields);
    return { changed: takenOf(write, changed), removed: takenOf(write, removed) };
  };
  const compareIn = (apiVersion: string): Comparison | undefined => {
    if (apiVersion === write.apiVersion || write.convert === undefined) {
      return compare(write.type, live && withoutManagedFields(live), withoutManagedFields(object));
    }
    const before = live && write.convert(withoutManagedFields(live), apiVersion);
    if (live !== undefined && before === undefined) return undefined;
    const after = write.convert(withoutManagedFields(object), apiVersion);
    if (after === undefined) return undefined;
    return compare(after.type, before?.object, after.object);
  };
  return (apiVersion) => {
    if (!known.has(apiVersion)) known.set(apiVersion, compareIn(apiVersion));
    return known.get(apiVersion);
  };
}

/** What the others own after a write that took some of it from them. */
function afterLosses(
  managers: readonly Managed[],
  own: Managed,
  comparison: (apiVersion: string) => Comparison | undefined,
): readonly Managed[] {
  const rest: Managed[] = [];
  for (const managed of managers) {
    const changes = comparison(managed.apiVersion);
    if (changes === undefined) continue;
    const lost = isSameManager(managed, own) ? changes.removed : touched(changes);
    const fields = difference(managed.fields, lost);
    if (fields === managed.fields) rest.push(managed);
    else if (!isEmpty(fields)) rest.push({ ...managed, fields });
  }
  return rest;
}

/** The managers after an update by `write.manager` has made `object` of `live`. */
export function managersAfterUpdate(
  managers: readonly Managed[],
  live: ApiObject | undefined,
  object: ApiObject,
  write: FieldWrite,
): readonly Managed[] {
  const comparison = versionComparer(write, live, object);
  const own: Managed = {
    manager: write.manager === "" ? "unknown" : write.manager,
    operation: "Update",
    apiVersion: write.apiVersion,
    subresource: write.subresource,
    time: write.now,
    fields: withoutOwnerless(comparison(write.apiVersion)?.changed ?? {}),
  };
  const others = afterLosses(managers, own, comparison);
  if (isEmpty(own.fields)) return others;
  const previous = others.find((managed) => isSameManager(managed, own));
  const merged = previous === undefined ? own : { ...own, fields: union(previous.fields, own.fields) };
  return capUpdaters([...others.filter((managed) => managed !== previous), merged]);
}

/**
 * Writes into `object` who owns its fields, now that `write.manager` has made it of `live`, or has created it. Objects
 * whose managers are not kept (somebody has reset them) stay so until somebody applies.
 */
export function trackUpdate(live: ApiObject | undefined, object: ApiObject, write: FieldWrite): void {
  const { metadata } = object;
  const liveFields = live?.metadata.managedFields;
  const given = write.subresource === "" ? metadata.managedFields : undefined;
  const stored = write.subresource === "" ? startingManagers(given, liveFields) : trustedManagers(liveFields);
  const managers = reconciledManagers(stored, write);
  let entries: ManagedFieldsEntry[] | undefined;
  try {
    if (managers.length > 0 || live === undefined) {
      entries = encodeManagers(managersAfterUpdate(managers, live, object, write));
    }
  } catch (error) {
    // Items of a list that cannot be told apart: validation will say so.
    if (!(error instanceof PathElementError)) throw error;
    entries = liveFields;
  }
  if (entries === undefined) delete metadata.managedFields;
  else metadata.managedFields = entries;
}
