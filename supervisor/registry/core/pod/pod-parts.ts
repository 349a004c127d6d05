/** Subresources of Pods that are the Pod with one thing open to change. */
import { validateEphemeralContainersUpdate } from "../../../api/core/v1/pod/ephemeral-containers-validation.ts";
import { validatePodResize } from "../../../api/core/v1/pod/pod-resize-validation.ts";
import type { V1Container } from "../../../api/generated/types.ts";
import { cloneJson, type JsonObject } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import type { Strategy } from "../../resource-definition.ts";
import { countGeneration, type Pod } from "./pod-strategy.ts";

/** Makes `pod` the Pod as it was; who it is stays as the client said. */
function restore(pod: Pod, old: Pod): void {
  const { name, namespace, uid, resourceVersion } = pod.metadata;
  // A Pod is JSON; its clone is ours to change.
  const copy = cloneJson(old as unknown as JsonObject) as unknown as Pod;
  Object.assign(pod, copy);
  Object.assign(pod.metadata, { name, namespace, uid, resourceVersion });
}

/** `ephemeralcontainers`: what `kubectl debug` adds. */
export const ephemeralContainersStrategy: Strategy = {
  prepareForUpdate(pod: Pod, old: Pod) {
    const given = pod.spec?.ephemeralContainers;
    restore(pod, old);
    if (pod.spec === undefined) return;
    if (given === undefined) delete pod.spec.ephemeralContainers;
    else pod.spec.ephemeralContainers = given;
    countGeneration(pod, old);
  },
  validateUpdate: (pod: Pod, old: Pod) => validateEphemeralContainersUpdate(pod, old),
};

/** `resize`: requests and limits of containers, and of the Pod as a whole, while it runs. */
export const resizeStrategy: Strategy = {
  prepareForUpdate(pod: Pod, old: Pod) {
    const { containers = [], initContainers = [], resources } = pod.spec ?? {};
    restore(pod, old);
    if (pod.spec === undefined) return;
    pod.spec.containers = resize(pod.spec.containers ?? [], containers);
    const starting = resize(pod.spec.initContainers ?? [], initContainers);
    if (starting.length > 0) pod.spec.initContainers = starting;
    else delete pod.spec.initContainers;
    if (resources === undefined) delete pod.spec.resources;
    else pod.spec.resources = resources;
    countGeneration(pod, old);
  },
  validateUpdate: (pod: Pod, old: Pod) => validatePodResize(pod, old),
};

/**
 * The containers as they were with what is wanted of them. Where containers come, go, move or are renamed, the given
 * ones, for the validation to refuse.
 */
function resize(
  containers: Array<Mutable<V1Container>>,
  given: Array<Mutable<V1Container>>,
): Array<Mutable<V1Container>> {
  const isSame =
    given.length === containers.length && given.every(({ name }, index) => containers[index]?.name === name);
  if (!isSame) return given;
  containers.forEach((container, index) => {
    const wanted = given[index];
    if (wanted?.resources !== undefined) container.resources = wanted.resources;
    if (wanted?.resizePolicy === undefined) delete container.resizePolicy;
    else container.resizePolicy = wanted.resizePolicy;
  });
  return containers;
}
