/** The entries of `metadata.managedFields` as they are worked on (apimachinery `managedfields/internal`). */
import { equalJson, type JsonObject } from "../json/json-value.ts";
import type { ManagedFieldsEntry } from "../object-meta.ts";
import { equalSets, type FieldSet, isEmpty, parseFieldSet, union } from "./field-set.ts";
import { PathElementError } from "./path-element.ts";

type Operation = "Apply" | "Update";

/** What a manager owns. */
export interface Managed {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** The entries are no entries. */
class ManagedFieldsError extends Error {
  override readonly name = "ManagedFieldsError";
}

/** More entries of updates than this are joined. */
const maxUpdateManagers = 10;
const joinedManager = "ancient-changes";

/** Whether two are one manager's: of appliers there is one in all versions. */
export function isSameManager(left: Managed, right: Managed): boolean {
  return (
    left.manager === right.manager &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    (left.operation === "Apply" || left.apiVersion === right.apiVersion)
  );
}

function checked(entry: ManagedFieldsEntry, index: number): Operation {
  const { operation, fieldsType = "" } = entry;
  if (operation !== "Apply" && operation !== "Update") {
    throw new ManagedFieldsError("operation must be `Apply` or `Update`");
  }
  if (!entry.apiVersion) throw new ManagedFieldsError("apiVersion must not be empty");
  if (fieldsType === "") throw new ManagedFieldsError(`missing fieldsType in managed fields entry ${index}`);
  if (fieldsType !== "FieldsV1") {
    throw new ManagedFieldsError(
      `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`,
    );
  }
  return operation;
}

function decoded(entry: ManagedFieldsEntry, index: number, fields: FieldSet): Managed {
  return {
    manager: entry.manager ?? "",
    operation: checked(entry, index),
    apiVersion: entry.apiVersion ?? "",
    subresource: entry.subresource ?? "",
    time: entry.time,
    fields,
  };
}

/** Takes entries that the server has written. */
export function trustedManagers(entries: readonly ManagedFieldsEntry[] | undefined): readonly Managed[] {
  // What is stored was made by encodeManagers from field sets.
  return (entries ?? []).map((entry, index) => decoded(entry, index, (entry.fieldsV1 ?? {}) as FieldSet));
}

/** Reads entries that a client has sent. Throws a {@link ManagedFieldsError}. */
function decodeManagers(entries: readonly ManagedFieldsEntry[]): readonly Managed[] {
  const managers: Managed[] = [];
  for (const [index, entry] of entries.entries()) {
    const managed = decoded(entry, index, fieldsOf(entry.fieldsV1));
    const known = managers.findIndex((other) => isSameManager(other, managed));
    if (known < 0) managers.push(managed);
    else managers[known] = managed;
  }
  return managers;
}

/** What is wrong with entries that somebody has changed; undefined where nothing is. */
export function managersComplaint(entries: readonly ManagedFieldsEntry[]): string | undefined {
  try {
    decodeManagers(entries);
    return undefined;
  } catch (error) {
    if (error instanceof ManagedFieldsError) return error.message;
    throw error;
  }
}

function fieldsOf(value: JsonObject | undefined): FieldSet {
  try {
    return parseFieldSet(value);
  } catch (error) {
    if (error instanceof PathElementError) throw new ManagedFieldsError(error.message, { cause: error });
    throw error;
  }
}

/** Whether a client asks to forget all managers: by an empty list, or by one with an empty entry. */
function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (entries === undefined) return false;
  const [first] = entries;
  return first === undefined || (entries.length === 1 && Object.keys(first).length === 0);
}

/** The managers that a write starts from: those it gives, or the live object's where it gives none that can be read. */
export function startingManagers(
  given: readonly ManagedFieldsEntry[] | undefined,
  live: readonly ManagedFieldsEntry[] | undefined,
): readonly Managed[] {
  if (isReset(given)) return [];
  if (given === undefined || equalJson(given, live)) return trustedManagers(live);
  try {
    return decodeManagers(given);
  } catch (error) {
    if (error instanceof ManagedFieldsError) return trustedManagers(live);
    throw error;
  }
}

function order(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function compareManagers(left: Managed, right: Managed): number {
  return (
    order(left.operation, right.operation) ||
    order(left.time ?? "", right.time ?? "") ||
    order(left.manager, right.manager) ||
    order(left.apiVersion, right.apiVersion) ||
    order(left.subresource, right.subresource)
  );
}

/** The entries to store, in their order; undefined for none. */
export function encodeManagers(managers: readonly Managed[]): ManagedFieldsEntry[] | undefined {
  const owners = managers.filter(({ fields }) => !isEmpty(fields));
  if (owners.length === 0) return undefined;
  return owners.sort(compareManagers).map((managed) => ({
    ...(managed.manager === "" ? {} : { manager: managed.manager }),
    operation: managed.operation,
    apiVersion: managed.apiVersion,
    ...(managed.time === undefined ? {} : { time: managed.time }),
    fieldsType: "FieldsV1",
    // A field set is JSON; it is not changed from here on.
    fieldsV1: managed.fields as JsonObject,
    ...(managed.subresource === "" ? {} : { subresource: managed.subresource }),
  }));
}

/** Joins the oldest updaters of each version into one, until there are no more than upstream allows. */
export function capUpdaters(managers: readonly Managed[]): readonly Managed[] {
  const updaters = managers.filter(({ operation }) => operation === "Update");
  let excess = updaters.length - maxUpdateManagers;
  if (excess <= 0) return managers;
  const result = new Set(managers);
  const firsts = new Map<string, Managed>();
  const buckets = new Map<string, Managed>();
  const isBucket = (managed: Managed) => managed.manager === joinedManager && managed.subresource === "";
  for (const old of updaters) if (isBucket(old)) buckets.set(old.apiVersion, old);
  for (const oldest of updaters.toSorted(compareManagers)) {
    if (excess <= 0) break;
    const { apiVersion } = oldest;
    const first = firsts.get(apiVersion);
    if (first === undefined) {
      firsts.set(apiVersion, oldest);
      continue;
    }
    const bucket = buckets.get(apiVersion);
    if (bucket === oldest) continue;
    const into = bucket ?? first;
    const joined: Managed = {
      ...into,
      manager: joinedManager,
      subresource: "",
      time: oldest.time,
      fields: union(into.fields, oldest.fields),
    };
    result.delete(into);
    result.delete(oldest);
    result.add(joined);
    buckets.set(apiVersion, joined);
    excess--;
  }
  return [...result];
}

/** Whether two lists say the same but for the times of their entries, and some time is another. */
export function differInTimesOnly(
  left: readonly ManagedFieldsEntry[] | undefined,
  right: readonly ManagedFieldsEntry[] | undefined,
): boolean {
  if (left === undefined || right === undefined || left.length !== right.length) return false;
  let isOtherTime = false;
  for (const [index, entry] of left.entries()) {
    const other = right[index];
    if (other === undefined) return false;
    if (entry.time !== other.time) isOtherTime = true;
    const isSame =
      entry.manager === other.manager &&
      entry.operation === other.operation &&
      entry.apiVersion === other.apiVersion &&
      entry.subresource === other.subresource &&
      // Both are field sets.
      equalSets((entry.fieldsV1 ?? {}) as FieldSet, (other.fieldsV1 ?? {}) as FieldSet);
    if (!isSame) return false;
  }
  return isOtherTime;
}
