import { addResources, type ResourceList } from "../../../../apimachinery/resource-list.ts";
import type {
  V1Pod,
  V1PodAffinityTerm,
  V1PodSpec,
  V1ScopedResourceSelectorRequirement,
} from "../../../generated/types.ts";
import { podQosClass } from "../pod/pod-qos.ts";
import { podLimits, podRequests } from "../pod/pod-resources.ts";
import { meetsRequirement, type QuotaEvaluator } from "./quota-evaluator.ts";

const computeResources = ["cpu", "memory", "ephemeral-storage"];
const podResources: ReadonlySet<string> = new Set([
  "count/pods",
  "pods",
  ...computeResources.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);

/** A quota of these makes every container say its own, as it always was. */
const demanded = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

/** Pods (kubernetes `pkg/quota/v1/evaluator/core/pods.go`). */
export const podEvaluator: QuotaEvaluator = {
  handles(operation, subresource) {
    return (
      (operation === "CREATE" && subresource === "") || (operation === "UPDATE" && subresource === "resize")
    );
  },
  measures(name) {
    if (podResources.has(name)) return true;
    if (name.startsWith("hugepages-") || name.startsWith("requests.hugepages-")) return true;
    return name.startsWith("requests.") && !isNativeResource(name);
  },
  usage(pod: V1Pod, nowMs) {
    const count = { "count/pods": "1" };
    if (!isCharged(pod, nowMs)) return count;
    return addResources(count, computeUsage(podRequests(pod), podLimits(pod)));
  },
  matchesScope: (selector, pod: V1Pod) => matchesScope(selector, pod),
  complaint: (limited, pod: V1Pod) => complaint(limited, pod.spec),
};

function isNativeResource(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** What has ended takes nothing, nor does what should have ended long ago on a node that is lost. */
function isCharged({ metadata, status }: V1Pod, nowMs: number): boolean {
  if (status?.phase === "Failed" || status?.phase === "Succeeded") return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {};
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
  return nowMs <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, string> = { pods: "1" };
  for (const name of computeResources) {
    const [request, limit] = [requests[name], limits[name]];
    if (request !== undefined) {
      usage[name] = request;
      usage[`requests.${name}`] = request;
    }
    if (limit !== undefined) usage[`limits.${name}`] = limit;
  }
  for (const [name, request] of Object.entries(requests)) {
    if (name.startsWith("hugepages-")) {
      usage[name] = request;
      usage[`requests.${name}`] = request;
    } else if (!isNativeResource(name) && !name.startsWith("requests.")) {
      usage[`requests.${name}`] = request;
    }
  }
  return usage;
}

function complaint(limited: readonly string[], spec: V1PodSpec | undefined): string | undefined {
  const ofPod = computeUsage(spec?.resources?.requests ?? {}, spec?.resources?.limits ?? {});
  const wanted = demanded.filter((name) => limited.includes(name) && ofPod[name] === undefined);
  if (wanted.length === 0) return undefined;
  const missing = new Map<string, string[]>();
  for (const { name, resources } of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
    const usage = computeUsage(resources?.requests ?? {}, resources?.limits ?? {});
    for (const resource of wanted) {
      if (usage[resource] === undefined) missing.set(resource, [...(missing.get(resource) ?? []), name]);
    }
  }
  if (missing.size === 0) return undefined;
  const texts = [...missing.keys()]
    .sort()
    .map((resource) => `${resource} for: ${missing.get(resource)?.sort()}`);
  return `must specify ${texts.join("; ")}`;
}

function matchesScope(selector: V1ScopedResourceSelectorRequirement, { spec }: V1Pod): boolean {
  const isTerminating = (spec?.activeDeadlineSeconds ?? -1) >= 0;
  const isBestEffort = () => podQosClass(spec ?? { containers: [] }) === "BestEffort";
  switch (selector.scopeName) {
    case "Terminating":
      return isTerminating;
    case "NotTerminating":
      return !isTerminating;
    case "BestEffort":
      return isBestEffort();
    case "NotBestEffort":
      return !isBestEffort();
    case "PriorityClass":
      return meetsRequirement(selector, spec?.priorityClassName || undefined);
    case "CrossNamespacePodAffinity":
      return reachesOtherNamespaces(spec);
    default:
      return false;
  }
}

function reachesOtherNamespaces(spec: V1PodSpec | undefined): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  const terms: V1PodAffinityTerm[] = [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => one.podAffinityTerm),
  ]);
  return terms.some(
    ({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined,
  );
}
