/** Where in the kubelet API a Pod's stream is (registry `pkg/registry/core/pod` `LogLocation`, `ExecLocation`, …). */
import type { V1Pod } from "../../api/generated/types.ts";
import { newBadRequest } from "../../apimachinery/status-errors.ts";

export interface KubeletLocation {
  readonly nodeName: string;
  /** Path and query. */
  readonly target: string;
}

/** Query parameters of the API that the kubelet knows by other names. */
const streamParameters = [
  ["stdin", "input"],
  ["stdout", "output"],
  ["stderr", "error"],
  ["tty", "tty"],
] as const;

const logParameters = [
  "follow",
  "previous",
  "sinceSeconds",
  "sinceTime",
  "timestamps",
  "tailLines",
  "limitBytes",
  "stream",
];

/** Throws a BadRequest {@link ApiError} when the container or the Pod's node is not known. */
export function execLocation(pod: V1Pod, query: URLSearchParams): KubeletLocation {
  return streamLocation("exec", pod, query, true);
}

/** Throws a BadRequest {@link ApiError} when the container or the Pod's node is not known. */
export function attachLocation(pod: V1Pod, query: URLSearchParams): KubeletLocation {
  return streamLocation("attach", pod, query, false);
}

/** Throws a BadRequest {@link ApiError} when the Pod has no node. */
export function portForwardLocation(pod: V1Pod, query: URLSearchParams): KubeletLocation {
  const parameters = new URLSearchParams();
  for (const port of query.getAll("ports").flatMap((list) => list.split(",")))
    parameters.append("port", port);
  return location(pod, assignedNode(pod), "portForward", undefined, parameters);
}

/** Undefined for a Pod without a node, whose log is empty. Throws a BadRequest {@link ApiError}. */
export function logLocation(pod: V1Pod, query: URLSearchParams): KubeletLocation | undefined {
  const container = chooseContainer(pod, query.get("container") ?? "");
  const nodeName = pod.spec?.nodeName ?? "";
  if (nodeName === "") return undefined;
  const parameters = new URLSearchParams();
  for (const name of logParameters) {
    const value = query.get(name);
    if (value !== null && value !== "") parameters.set(name, value);
  }
  return location(pod, nodeName, "containerLogs", container, parameters);
}

function streamLocation(
  kind: "exec" | "attach",
  pod: V1Pod,
  query: URLSearchParams,
  withCommand: boolean,
): KubeletLocation {
  const container = chooseContainer(pod, query.get("container") ?? "");
  const parameters = new URLSearchParams();
  for (const [name, kubeletName] of streamParameters) {
    if (isTrue(query, name)) parameters.set(kubeletName, "1");
  }
  if (withCommand) for (const word of query.getAll("command")) parameters.append("command", word);
  return location(pod, assignedNode(pod), kind, container, parameters);
}

function location(
  pod: V1Pod,
  nodeName: string,
  kind: string,
  container: string | undefined,
  parameters: URLSearchParams,
): KubeletLocation {
  const parts = [
    kind,
    pod.metadata?.namespace ?? "",
    pod.metadata?.name ?? "",
    ...(container ? [container] : []),
  ];
  const path = `/${parts.map(encodeURIComponent).join("/")}`;
  return { nodeName, target: parameters.size === 0 ? path : `${path}?${parameters}` };
}

/** A boolean of the query as the API's conversion reads it: there, and neither `0` nor `false`. */
function isTrue(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}

function assignedNode(pod: V1Pod): string {
  const nodeName = pod.spec?.nodeName ?? "";
  if (nodeName === "") throw newBadRequest(`pod ${pod.metadata?.name} does not have a host assigned`);
  return nodeName;
}

/** The container meant, which may stay unnamed in a Pod that has one. */
function chooseContainer(pod: V1Pod, name: string): string {
  const podName = pod.metadata?.name ?? "";
  const containers = (pod.spec?.containers ?? []).map((container) => container.name);
  const initContainers = (pod.spec?.initContainers ?? []).map((container) => container.name);
  const ephemeral = (pod.spec?.ephemeralContainers ?? []).map((container) => container.name);
  if (name !== "") {
    if ([...containers, ...initContainers, ...ephemeral].includes(name)) return name;
    throw newBadRequest(`container ${name} is not valid for pod ${podName}`);
  }
  const [first] = containers;
  if (containers.length === 1 && first !== undefined) return first;
  let message = `a container name must be specified for pod ${podName}`;
  if (containers.length > 0) message += `, choose one of: [${containers.join(" ")}]`;
  if (containers.length > 0 && initContainers.length > 0) {
    message += ` or one of the init containers: [${initContainers.join(" ")}]`;
  }
  throw newBadRequest(message);
}
