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

/** `resize`: requests and limits of containers while they run. */
export const resizeStrategy: Strategy = {
  prepareForUpdate(pod: Pod, old: Pod) {
    const { containers = [], initContainers = [] } = pod.spec ?? {};
    restore(pod, old);
    resize(pod.spec?.containers ?? [], containers);
    resize(pod.spec?.initContainers ?? [], initContainers);
    countGeneration(pod, old);
  },
  validateUpdate: (pod: Pod, old: Pod) => validatePodResize(pod, old),
};

function resize(containers: Array<Mutable<V1Container>>, given: Array<Mutable<V1Container>>): void {
  for (const container of containers) {
    const wanted = given.find(({ name }) => name === container.name);
    if (wanted === undefined) continue;
    if (wanted.resources !== undefined) container.resources = wanted.resources;
    if (wanted.resizePolicy === undefined) delete container.resizePolicy;
    else container.resizePolicy = wanted.resizePolicy;
  }
}
