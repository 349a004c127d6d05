/** What breaks a LimitRange, in the words of kubernetes `plugin/pkg/admission/limitranger`. */
import { podLimits, podRequests } from "../../../api/core/v1/pod/pod-resources.ts";
import type {
  V1LimitRange,
  V1LimitRangeItem,
  V1PersistentVolumeClaim,
  V1Pod,
} from "../../../api/generated/types.ts";
import { nanosPerUnit, parseQuantity } from "../../../apimachinery/quantity.ts";
import { compareQuantities, type ResourceList } from "../../../apimachinery/resource-list.ts";

interface Claims {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

export function podComplaints(range: V1LimitRange, pod: Pick<V1Pod, "spec" | "status">): readonly string[] {
  return (range.spec?.limits ?? []).flatMap((item) => {
    if (item.type === "Pod") {
      return claimsComplaints(item, { requests: podRequests(pod), limits: podLimits(pod) });
    }
    if (item.type !== "Container") return [];
    const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
    return containers.flatMap(({ resources }) =>
      claimsComplaints(item, { requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }),
    );
  });
}

export function claimComplaints(range: V1LimitRange, claim: V1PersistentVolumeClaim): readonly string[] {
  const requests = claim.spec?.resources?.requests ?? {};
  return (range.spec?.limits ?? []).flatMap((item) => {
    if (item.type !== "PersistentVolumeClaim") return [];
    const claims = { requests, limits: {} };
    return [
      ...sorted(item.min).map(([name, bound]) => minimum(item.type, name, bound, claims)),
      ...sorted(item.max).map(([name, bound]) => maximumRequest(item.type, name, bound, requests)),
    ].filter((complaint) => complaint !== "");
  });
}

function claimsComplaints(item: V1LimitRangeItem, claims: Claims): readonly string[] {
  const { type } = item;
  return [
    ...sorted(item.min).map(([name, bound]) => minimum(type, name, bound, claims)),
    ...sorted(item.max).map(([name, bound]) => maximum(type, name, bound, claims)),
    ...sorted(item.maxLimitRequestRatio).map(([name, bound]) => ratio(type, name, bound, claims)),
  ].filter((complaint) => complaint !== "");
}

function sorted(list: ResourceList = {}): ReadonlyArray<readonly [string, string]> {
  return Object.entries(list).sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Empty where nothing is wrong, as those below. */
function minimum(type: string, name: string, bound: string, { requests, limits }: Claims): string {
  const [request, limit] = [requests[name], limits[name]];
  const head = `minimum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${head}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${head}, but request is ${request}`;
  if (limit !== undefined && compareQuantities(limit, bound) < 0) return `${head}, but limit is ${limit}`;
  return "";
}

function maximum(type: string, name: string, bound: string, { requests, limits }: Claims): string {
  const [request, limit] = [requests[name], limits[name]];
  const head = `maximum ${name} usage per ${type} is ${bound}`;
  if (limit === undefined) return `${head}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${head}, but limit is ${limit}`;
  if (request !== undefined && compareQuantities(request, bound) > 0)
    return `${head}, but request is ${request}`;
  return "";
}

function maximumRequest(type: string, name: string, bound: string, requests: ResourceList): string {
  const request = requests[name];
  const head = `maximum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${head}.  No request is specified`;
  return compareQuantities(request, bound) > 0 ? `${head}, but request is ${request}` : "";
}

function ratio(type: string, name: string, bound: string, { requests, limits }: Claims): string {
  const request = parseQuantity(requests[name] ?? "0");
  const limit = parseQuantity(limits[name] ?? "0");
  const head = `${name} max limit to request ratio per ${type} is ${bound}`;
  if (request === 0n) return `${head}, but no request is specified or request is 0`;
  if (limit === 0n) return `${head}, but no limit is specified or limit is 0`;
  if (limit * nanosPerUnit <= parseQuantity(bound) * request) return "";
  return `${head}, but provided ratio is ${(Number(limit) / Number(request)).toFixed(6)}`;
}
