/** Who owns the number of replicas, as an object's scale shows it (apimachinery `managedfields/scalehandler.go`). */
import type { ManagedFieldsEntry } from "../object-meta.ts";
import { difference, type FieldSet, hasPath, setOfPaths, union } from "./field-set.ts";
import { encodeManagers, type Managed, trustedManagers } from "./managed-fields.ts";
import { fieldElement } from "./path-element.ts";

const scaleApiVersion = "autoscaling/v1";
const pathInScale = ["f:spec", "f:replicas"];
const fieldsInScale = setOfPaths([pathInScale]);

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

/** The managers of the scale: those of the object that own the number at `replicasPath`. */
export function managersOfScale(
  entries: readonly ManagedFieldsEntry[] | undefined,
  replicasPath: string,
): ManagedFieldsEntry[] | undefined {
  const path = elementsOf(replicasPath);
  const owners = trustedManagers(entries).filter(({ fields }) => hasPath(fields, path));
  return encodeManagers(
    owners.map((owner) => ({ ...owner, apiVersion: scaleApiVersion, fields: fieldsInScale })),
  );
}

/** The object's managers after the scale's have become these. New ones have no time, as upstream. */
export function managersAfterScale(
  entries: readonly ManagedFieldsEntry[] | undefined,
  ofScale: readonly ManagedFieldsEntry[] | undefined,
  replicasPath: string,
  apiVersion: string,
): ManagedFieldsEntry[] | undefined {
  const path = elementsOf(replicasPath);
  const number: FieldSet = setOfPaths([path]);
  const owners = trustedManagers(ofScale).filter(({ fields }) => hasPath(fields, pathInScale));
  const rest = trustedManagers(entries).map((managed) => {
    const isOwner = owners.some((owner) => isSameOwner(owner, managed));
    return isOwner ? managed : { ...managed, fields: difference(managed.fields, number) };
  });
  for (const owner of owners) {
    if (rest.some((managed) => isSameOwner(managed, owner) && hasPath(managed.fields, path))) continue;
    const at = rest.findIndex((managed) => isSameOwner(managed, owner) && managed.apiVersion === apiVersion);
    const present = rest[at];
    if (present !== undefined) rest[at] = { ...present, fields: union(present.fields, number) };
    else rest.push({ ...owner, apiVersion, time: undefined, fields: number });
  }
  return encodeManagers(rest);
}
