import type { V1PriorityClass } from "../../api/generated/types.ts";
import type { Pod } from "../../registry/core/pod/pod-strategy.ts";
import type { ObjectCache } from "../storage/object-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { refusal } from "./refusal.ts";
import { writtenObject } from "./written-object.ts";

/** What Pods need to know of a PriorityClass. */
export interface PriorityClassFacts {
  readonly name: string;
  readonly value: number;
  readonly isDefault: boolean;
  readonly preemptionPolicy?: string;
}

export function priorityClassFacts(priorityClass: V1PriorityClass): PriorityClassFacts {
  const { metadata, value = 0, globalDefault = false, preemptionPolicy } = priorityClass;
  return {
    name: metadata?.name ?? "",
    value,
    isDefault: globalDefault,
    ...(preemptionPolicy === undefined ? {} : { preemptionPolicy }),
  };
}

const noClass: PriorityClassFacts = {
  name: "",
  value: 0,
  isDefault: true,
  preemptionPolicy: "PreemptLowerPriority",
};

/** Gives Pods the priority of their class (kubernetes `plugin/pkg/admission/priority`). */
export function priority(classes: ObjectCache<PriorityClassFacts>): AdmissionPlugin {
  return {
    name: "Priority",
    admit(request) {
      const pod = writtenObject<Pod>(request, "", "pods");
      if (pod?.spec === undefined) return;
      if (request.operation === "CREATE") setPriority(request, pod.spec, classes);
      else keepPriority(request, pod.spec);
    },
    validate(request) {
      const wanted = writtenObject<V1PriorityClass>(request, "scheduling.k8s.io", "priorityclasses");
      if (!wanted?.globalDefault) return;
      const present = defaultClass(classes);
      if (present === undefined || present.name === request.old?.metadata.name) return;
      throw refusal(
        request,
        `PriorityClass ${present.name} is already marked as default. Only one default can exist`,
      );
    },
  };
}

/** The lowest, should there be several. */
function defaultClass(classes: ObjectCache<PriorityClassFacts>): PriorityClassFacts | undefined {
  let lowest: PriorityClassFacts | undefined;
  for (const one of classes.values()) {
    if (one.isDefault && (lowest === undefined || one.value < lowest.value)) lowest = one;
  }
  return lowest;
}

function setPriority(
  request: AdmissionRequest,
  spec: NonNullable<Pod["spec"]>,
  classes: ObjectCache<PriorityClassFacts>,
): void {
  const { priorityClassName: name = "" } = spec;
  const found = name === "" ? (defaultClass(classes) ?? noClass) : classes.get(name);
  if (found === undefined) throw refusal(request, `no PriorityClass with name ${name} was found`);
  if (found.name !== "") spec.priorityClassName = found.name;
  if (spec.priority !== undefined && spec.priority !== found.value) {
    throw refusal(
      request,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${found.value} from the given PriorityClass name`,
    );
  }
  spec.priority = found.value;
  const { preemptionPolicy = noClass.preemptionPolicy ?? "" } = found;
  if (spec.preemptionPolicy && spec.preemptionPolicy !== preemptionPolicy) {
    throw refusal(
      request,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  }
  spec.preemptionPolicy = preemptionPolicy;
}

/** A client that leaves out what it never set does not mean to change it. */
function keepPriority({ old }: AdmissionRequest, spec: NonNullable<Pod["spec"]>): void {
  // The state before was decoded as what the new one is.
  const before = (old as unknown as Pod | undefined)?.spec;
  if (before?.priority !== undefined) spec.priority ??= before.priority;
  if (before?.preemptionPolicy !== undefined) spec.preemptionPolicy ??= before.preemptionPolicy;
}
