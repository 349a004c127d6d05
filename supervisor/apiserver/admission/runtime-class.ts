import type { V1RuntimeClass, V1Toleration } from "../../api/generated/types.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { equalResources } from "../../apimachinery/resource-list.ts";
import type { Pod } from "../../registry/core/pod/pod-strategy.ts";
import type { ObjectCache } from "../storage/object-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { refusal } from "./refusal.ts";
import { writtenObject } from "./written-object.ts";

/** What Pods need to know of a RuntimeClass. */
export type RuntimeClassFacts = Pick<V1RuntimeClass, "overhead" | "scheduling">;

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/** Gives Pods what their RuntimeClass says (kubernetes `plugin/pkg/admission/runtimeclass`). */
export function runtimeClass(classes: ObjectCache<RuntimeClassFacts>): AdmissionPlugin {
  return {
    name: "RuntimeClass",
    admit(request) {
      if (request.operation !== "CREATE") return;
      const spec = writtenObject<Pod>(request, "", "pods")?.spec;
      if (spec === undefined) return;
      const found = classOf(request, spec, classes);
      if (found === undefined) return;
      setOverhead(request, spec, found);
      setScheduling(request, spec, found);
    },
    validate(request) {
      if (request.operation !== "CREATE") return;
      const spec = writtenObject<Pod>(request, "", "pods")?.spec;
      if (spec === undefined) return;
      const overhead = classOf(request, spec, classes)?.overhead?.podFixed;
      if (overhead !== undefined) {
        if (!equalResources(overhead, spec.overhead ?? {})) throw refusal(request, mismatch);
      } else if (spec.overhead !== undefined && Object.keys(spec.overhead).length > 0) {
        const why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
        throw refusal(request, why);
      }
    },
  };
}

function classOf(
  request: AdmissionRequest,
  { runtimeClassName: name }: NonNullable<Pod["spec"]>,
  classes: ObjectCache<RuntimeClassFacts>,
): RuntimeClassFacts | undefined {
  if (name === undefined) return undefined;
  const found = classes.get(name);
  if (found === undefined) {
    throw refusal(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  }
  return found;
}

function setOverhead(
  request: AdmissionRequest,
  spec: NonNullable<Pod["spec"]>,
  { overhead }: RuntimeClassFacts,
): void {
  if (overhead?.podFixed === undefined) return;
  if (spec.overhead !== undefined && !equalResources(overhead.podFixed, spec.overhead)) {
    throw refusal(request, mismatch);
  }
  spec.overhead = { ...overhead.podFixed };
}

function setScheduling(
  request: AdmissionRequest,
  spec: NonNullable<Pod["spec"]>,
  { scheduling }: RuntimeClassFacts,
): void {
  if (scheduling === undefined) return;
  for (const [key, wanted] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own === undefined || own === wanted) continue;
    throw refusal(
      request,
      `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${wanted}; pod.spec.nodeSelector[${key}] = ${own}`,
    );
  }
  if (scheduling.nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...scheduling.nodeSelector };
  if (scheduling.tolerations) spec.tolerations = merged(spec.tolerations ?? [], scheduling.tolerations);
}

/** All of both, without those that another one takes in as a whole. */
function merged(own: readonly V1Toleration[], added: readonly V1Toleration[]): V1Toleration[] {
  const all = [...own, ...added];
  return all.filter(
    (one, index) =>
      !all.some((other, otherIndex) => {
        if (index === otherIndex || !isSuperset(other, one)) return false;
        // Of two that are the same the first stays.
        return otherIndex < index || !isSuperset(one, other);
      }),
  );
}

function isSuperset(wide: V1Toleration, narrow: V1Toleration): boolean {
  if (equalJson(wide, narrow)) return true;
  const isAnyKey = !wide.key && wide.operator === "Exists";
  if (wide.key !== narrow.key && !isAnyKey) return false;
  if (wide.effect && wide.effect !== narrow.effect) return false;
  if (wide.effect === "NoExecute" && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds)
      return false;
  }
  if (wide.operator === "Exists") return true;
  return narrow.operator !== "Exists" && (wide.value ?? "") === (narrow.value ?? "");
}
