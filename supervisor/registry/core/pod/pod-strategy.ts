/** The rules of Pods (kubernetes `pkg/registry/core/pod/strategy.go`). */
import { setPodDefaults } from "../../../api/core/v1/pod/pod-defaults.ts";
import { podQosClass } from "../../../api/core/v1/pod/pod-qos.ts";
import { validatePodStatusUpdate } from "../../../api/core/v1/pod/pod-status-validation.ts";
import { validatePodUpdate } from "../../../api/core/v1/pod/pod-update-validation.ts";
import { validateNewPod, validatePod } from "../../../api/core/v1/pod/pod-validation.ts";
import type { V1Pod } from "../../../api/generated/types.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import type { ResourceStrategy, Strategy, Typed } from "../../resource-definition.ts";
import { selectOwnLabels } from "./own-labels.ts";
import { podWarnings } from "./pod-warnings.ts";

export type Pod = Typed<V1Pod>;

export const podStrategy: ResourceStrategy = {
  checkName: checkDnsSubdomain,
  allowUnconditionalUpdate: true,
  allowCreateOnUpdate: false,
  returnsDeletedObject: true,

  setDefaults(pod: Pod) {
    if (pod.spec) setPodDefaults(pod.spec);
  },

  prepareForCreate(pod: Pod) {
    pod.metadata.generation = 1;
    pod.status = { phase: "Pending", qosClass: podQosClass(pod.spec ?? { containers: [] }) };
    if (pod.spec === undefined) return;
    selectOwnLabels(pod.spec, pod.metadata.labels ?? {});
    if (pod.spec.schedulingGates?.length) {
      const message = "Scheduling is blocked due to non-empty scheduling gates";
      pod.status.conditions = [{ type: "PodScheduled", status: "False", reason: "SchedulingGated", message }];
    }
  },

  validate: (pod: Pod) => validateNewPod(pod),

  // Updates are too many to be looked at.
  warnings: (pod: Pod, old?: Pod) => (old === undefined ? podWarnings(pod) : []),

  prepareForUpdate(pod: Pod, old: Pod) {
    pod.status = old.status ?? {};
    countGeneration(pod, old);
  },

  validateUpdate: (pod: Pod, old: Pod) => [...validatePod(pod), ...validatePodUpdate(pod, old)],

  gracePeriodSeconds(pod: Pod, requested) {
    const isOver = pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
    if (!pod.spec?.nodeName || isOver) return 0;
    const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },
};

/** A changed spec is a new generation. */
export function countGeneration(pod: Pod, old: Pod): void {
  if (!equalJson(pod.spec, old.spec)) pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

/** `status`: all but the status stays, and the QoS class is the server's. */
export const podStatusStrategy: Strategy = {
  prepareForUpdate(pod: Pod, old: Pod) {
    if (old.spec) pod.spec = old.spec;
    if (old.metadata.ownerReferences) pod.metadata.ownerReferences = old.metadata.ownerReferences;
    else delete pod.metadata.ownerReferences;
    pod.status ??= {};
    if (!pod.status.qosClass && old.status?.qosClass) pod.status.qosClass = old.status.qosClass;
    if (!pod.status.observedGeneration && old.status?.observedGeneration) {
      pod.status.observedGeneration = old.status.observedGeneration;
    }
  },
  validateUpdate: (pod: Pod, old: Pod) => validatePodStatusUpdate(pod, old),
};
