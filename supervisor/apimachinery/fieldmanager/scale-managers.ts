/** Who owns the number of replicas, as an object's scale shows it (apimachinery `managedfields/scalehandler.go`). */
import type { ManagedFieldsEntry } from "../object-meta.ts";
import { difference, type FieldSet, hasPath, setOfPaths, union } from "./field-set.ts";
import { encodeManagers, type Managed, trustedManagers } from "./managed-fields.ts";
import { fieldElement } from "./path-element.ts";

const scaleApiVersion = "autoscaling/v1";
const pathInScale = ["f:spec", "f:replicas"];
const fieldsInScale = setOfPaths([pathInScale]);

/**
 * Where a version of the object has its number of replicas: null where it has no scale, undefined for a version that is
 * gone.
 */
export type ReplicasPaths = (apiVersion: string) => string | null | undefined;

/** `.spec.replicas` as a path of a set. */
function elementsOf(path: string): readonly string[] {
  const names = path.split(".").filter((name) => name !== "");
  return names.map(fieldElement);
}

function isSameOwner(left: Managed, right: Managed): boolean {
  return (
    left.manager === right.manager &&
    left.operation === right.operation &&
    left.subresource === right.subresource
  );
}

function ownsNumber({ apiVersion, fields }: Managed, pathIn: ReplicasPaths): boolean {
  const path = pathIn(apiVersion) ?? undefined;
  return path !== undefined && hasPath(fields, elementsOf(path));
}

/** The managers of the scale: those of the object that own its number, each in their version. */
export function managersOfScale(
  entries: readonly ManagedFieldsEntry[] | undefined,
  pathIn: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const owners = trustedManagers(entries).filter((managed) => ownsNumber(managed, pathIn));
  return encodeManagers(
    owners.map((owner) => ({ ...owner, apiVersion: scaleApiVersion, fields: fieldsInScale })),
  );
}

/** The object's managers after the scale's have become these. New ones have no time, as upstream. */
export function managersAfterScale(
  entries: readonly ManagedFieldsEntry[] | undefined,
  ofScale: readonly ManagedFieldsEntry[] | undefined,
  pathIn: ReplicasPaths,
  apiVersion: string,
): ManagedFieldsEntry[] | undefined {
  const numberIn = (version: string): FieldSet => setOfPaths([elementsOf(pathIn(version) ?? "")]);
  const number = numberIn(apiVersion);
  const owners = trustedManagers(ofScale).filter(({ fields }) => hasPath(fields, pathInScale));
  const known = trustedManagers(entries).filter((managed) => pathIn(managed.apiVersion) !== undefined);
  const rest = known.map((managed) => {
    if (!ownsNumber(managed, pathIn)) return managed;
    const isOwner = owners.some((owner) => isSameOwner(owner, managed));
    return isOwner
      ? managed
      : { ...managed, fields: difference(managed.fields, numberIn(managed.apiVersion)) };
  });
  for (const owner of owners) {
    if (rest.some((managed) => isSameOwner(managed, owner) && ownsNumber(managed, pathIn))) continue;
    const at = rest.findIndex((managed) => isSameOwner(managed, owner) && managed.apiVersion === apiVersion);
    const present = rest[at];
    if (present !== undefined) rest[at] = { ...present, fields: union(present.fields, number) };
    else rest.push({ ...owner, apiVersion, time: undefined, fields: number });
  }
  return encodeManagers(rest);
}
