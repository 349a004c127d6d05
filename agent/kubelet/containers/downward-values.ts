import type {
  V1Container,
  V1ObjectFieldSelector,
  V1Pod,
  V1ResourceFieldSelector,
} from "../../../supervisor/api/generated/types.ts";
import { parseQuantity } from "../../../supervisor/apimachinery/quantity.ts";
import { ContainerStartError } from "./container-start-error.ts";

/** What the node adds to a Pod's own values. */
export interface DownwardContext {
  readonly podAddresses: readonly string[];
  readonly hostAddress: string;
  /** What `limits` stand for in a container without limits, as quantities by resource. */
  readonly nodeAllocatable: Readonly<Record<string, string>>;
}

/** The value that a `fieldRef` of a variable names. Throws {@link ContainerStartError} for an unknown path. */
export function fieldValue(selector: V1ObjectFieldSelector, pod: V1Pod, context: DownwardContext): string {
  const path = selector.fieldPath;
  const subscript = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (subscript) {
    const [, map, key = ""] = subscript;
    return pod.metadata?.[map === "labels" ? "labels" : "annotations"]?.[key] ?? "";
  }
  switch (path) {
    case "metadata.name":
      return pod.metadata?.name ?? "";
    case "metadata.namespace":
      return pod.metadata?.namespace ?? "";
    case "metadata.uid":
      return pod.metadata?.uid ?? "";
    case "spec.nodeName":
      return pod.spec?.nodeName ?? "";
    case "spec.serviceAccountName":
      return pod.spec?.serviceAccountName ?? "";
    case "status.hostIP":
    case "status.hostIPs":
      return context.hostAddress;
    case "status.podIP":
      return context.podAddresses[0] ?? "";
    case "status.podIPs":
      return context.podAddresses.join(",");
    default:
      throw new ContainerStartError("CreateContainerConfigError", `unsupported fieldPath: ${path}`);
  }
}

/** The value that a `resourceFieldRef` names, in its divisor's units and rounded up. */
export function resourceValue(
  selector: V1ResourceFieldSelector,
  container: V1Container,
  pod: V1Pod,
  context: DownwardContext,
): string {
  const source = selector.containerName ? findContainer(pod, selector.containerName) : container;
  const [kind, name] = splitResource(selector.resource);
  const { limits = {}, requests = {} } = source.resources ?? {};
  const quantity =
    kind === "requests"
      ? (requests[name] ?? limits[name] ?? "0")
      : (positive(limits[name]) ?? positive(pod.spec?.resources?.limits?.[name]) ?? ofNode(name, context));
  const divisor = parseQuantity(selector.divisor ?? "1");
  const unit = divisor === 0n ? parseQuantity("1") : divisor;
  return String((parseQuantity(quantity) + unit - 1n) / unit);
}

/** A limit of nothing is no limit. */
function positive(quantity: string | undefined): string | undefined {
  return quantity === undefined || parseQuantity(quantity) === 0n ? undefined : quantity;
}

function ofNode(name: string, context: DownwardContext): string {
  const hasDefault = name === "cpu" || name === "memory" || name === "ephemeral-storage";
  return (hasDefault ? context.nodeAllocatable[name] : undefined) ?? "0";
}

function findContainer(pod: V1Pod, name: string): V1Container {
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const found = all.find((container) => container.name === name);
  if (!found) throw new ContainerStartError("CreateContainerConfigError", `container ${name} not found`);
  return found;
}

function splitResource(resource: string): ["limits" | "requests", string] {
  const dot = resource.indexOf(".");
  const kind = resource.slice(0, dot);
  if (kind !== "limits" && kind !== "requests") {
    throw new ContainerStartError(
      "CreateContainerConfigError",
      `unsupported container resource : ${resource}`,
    );
  }
  return [kind, resource.slice(dot + 1)];
}
