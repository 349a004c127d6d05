/**
 * The fields that a kind's strategy sets back at a write, whatever the client says (`GetResetFields` of the strategies
 * in kubernetes): nobody comes to own them by that write.
 */
import {
  type FieldSet,
  noFields,
  type PathPattern,
  setOfPaths,
} from "../../apimachinery/fieldmanager/field-set.ts";
import { fieldElement } from "../../apimachinery/fieldmanager/path-element.ts";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";

/** What is not as most kinds have it: all but the status at its subresource, the status everywhere else. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  "pods/status": ["spec", "metadata.deletionTimestamp", "metadata.ownerReferences"],
  "deployments.apps/status": ["spec", "metadata.labels"],
  "certificatesigningrequests.certificates.k8s.io/status": ["spec"],
  "certificatesigningrequests.certificates.k8s.io/approval": ["spec", "status.certificate"],
  "customresourcedefinitions.apiextensions.k8s.io/status": ["spec", "metadata"],
  "flowschemas.flowcontrol.apiserver.k8s.io/status": ["spec", "metadata"],
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/status": ["spec", "metadata"],
  "validatingadmissionpolicies.admissionregistration.k8s.io/status": ["spec", "metadata"],
  "volumeattachments.storage.k8s.io/status": ["spec", "metadata"],
};

const containerFields = ["containers", "initContainers"].flatMap((list) =>
  ["resources", "resizePolicy"].map((field) => ["f:spec", `f:${list}`, "*", `f:${field}`]),
);
const takenAtPods: Readonly<Record<string, readonly PathPattern[]>> = {
  ephemeralcontainers: [["f:spec", "f:ephemeralContainers"]],
  resize: containerFields,
};

/** The only fields that a subresource takes from clients; undefined where it takes all but some. */
export function takenFieldsOf(
  { group, resource }: ResourceDefinition,
  subresource: string,
): readonly PathPattern[] | undefined {
  return group === "" && resource === "pods" ? takenAtPods[subresource] : undefined;
}

function pathsReset(definition: ResourceDefinition, subresource: string): readonly string[] {
  const { group, resource, subresources, custom } = definition;
  const place = `${group === "" ? resource : `${resource}.${group}`}/${subresource}`;
  const exception = exceptions[place];
  if (exception !== undefined) return exception;
  if (subresource === "status") return custom === undefined ? ["spec"] : ["spec", "metadata"];
  return subresources.status === undefined ? [] : ["status"];
}

const known = new WeakMap<ResourceDefinition, Map<string, FieldSet>>();

/** The fields reset by writes of the resource itself, where `subresource` is empty, or of a part of it. */
export function resetFieldsOf(definition: ResourceDefinition, subresource: string): FieldSet {
  let sets = known.get(definition);
  if (sets === undefined) {
    sets = new Map();
    known.set(definition, sets);
  }
  let set = sets.get(subresource);
  if (set === undefined) {
    const paths = pathsReset(definition, subresource);
    set = paths.length === 0 ? noFields : setOfPaths(paths.map((path) => path.split(".").map(fieldElement)));
    sets.set(subresource, set);
  }
  return set;
}
