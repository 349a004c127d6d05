import type { Duplex } from "node:stream";
import type { V1Pod } from "../../api/generated/types.ts";
import type { ConnectionInfo } from "../../base/http/connection-info.ts";
import type { TakeOver, UpgradeHook } from "../../base/http/http-options.ts";
import { type RequestHead, requestOf } from "../../base/http/request-head.ts";
import { requestInfo } from "../request-info.ts";
import { type KubeletProxy, refuseWithError } from "./kubelet-proxy.ts";
import { attachLocation, execLocation, type KubeletLocation, portForwardLocation } from "./pod-location.ts";
import { isWebSocket, sendByWebSocket } from "./web-socket-log.ts";
import { watchByWebSocket } from "./web-socket-watch.ts";
import type { ProxyTarget, WorkloadProxy } from "./workload-proxy.ts";

/** What an admitted upgrade is about. */
export type StreamSubject =
  | {
      readonly subresource: "exec" | "attach" | "portforward";
      readonly pod: V1Pod;
      readonly query: URLSearchParams;
    }
  /** A container's log; without a location that is empty. */
  | { readonly subresource: "log"; readonly pod: V1Pod; readonly location: KubeletLocation | undefined }
  | { readonly subresource: "proxy"; readonly location: KubeletLocation }
  /** The proxy of a Pod or a Service. */
  | { readonly subresource: "workload"; readonly target: ProxyTarget }
  /** Another server of the cluster answers; resolves when the stream has closed. */
  | {
      readonly subresource: "elsewhere";
      readonly pass: (head: RequestHead, stream: Duplex) => Promise<void>;
    };

/** What the dispatcher needs of the API server. */
export interface StreamGate {
  /** Whether another server of the cluster answers requests with such a path. */
  isElsewhere(path: string): boolean;
  /**
   * Authenticates and authorizes an upgrade as any other request, and finds what it is about. Throws an
   * {@link ApiError} to refuse it.
   */
  admitStream(request: Request, connection: ConnectionInfo): Promise<StreamSubject>;
  /** Answers an ordinary request. Never rejects. */
  fetch(request: Request, connection: ConnectionInfo): Promise<Response>;
}

const streamPath =
  /^\/api\/v1\/(namespaces\/[^/]+\/(pods\/[^/]+\/(exec|attach|portforward|log)|(pods|services)\/[^/]+\/proxy(\/.*)?)|nodes\/[^/]+\/proxy(\/.*)?)$/;

/** An upgrade hook for the streams of Pods and Nodes, and of what other servers answer; it takes no other paths. */
export function streamDispatcher(
  gate: StreamGate,
  proxy: KubeletProxy,
  workloads: WorkloadProxy,
): UpgradeHook {
  return (head, connection): TakeOver | undefined => {
    const request = requestOf(head);
    const { pathname } = new URL(request.url);
    // A log is an ordinary answer to those who do not ask for a WebSocket.
    if (pathname.endsWith("/log") && !isWebSocket(head)) return undefined;
    if (!streamPath.test(pathname) && !gate.isElsewhere(pathname)) {
      const isWatch = requestInfo(request.method, request.url).verb === "watch" && isWebSocket(head);
      return isWatch ? (stream) => void watch(gate, request, head, stream, connection) : undefined;
    }
    return (stream) => void dispatch(gate, { proxy, workloads }, request, head, stream, connection);
  };
}

async function watch(
  gate: StreamGate,
  request: Request,
  head: RequestHead,
  stream: Duplex,
  connection: ConnectionInfo,
): Promise<void> {
  try {
    await watchByWebSocket(() => gate.fetch(request, connection), head, stream);
  } catch (error) {
    await refuseWithError(stream, error);
  }
}

async function dispatch(
  gate: StreamGate,
  { proxy, workloads }: { readonly proxy: KubeletProxy; readonly workloads: WorkloadProxy },
  request: Request,
  head: RequestHead,
  stream: Duplex,
  connection: ConnectionInfo,
): Promise<void> {
  try {
    const subject = await gate.admitStream(request, connection);
    if (subject.subresource === "elsewhere") return await subject.pass(head, stream);
    if (subject.subresource === "workload") {
      return await workloads.upgrade(subject.target, head, stream, connection.signal);
    }
    if (subject.subresource === "log") {
      const { location, pod } = subject;
      const open = async () =>
        location ? proxy.log(location, pod.metadata?.name ?? "", connection) : new Response();
      return await sendByWebSocket(open, head, stream);
    }
    await proxy.upgrade(locationOf(subject), head, stream, connection);
  } catch (error) {
    await refuseWithError(stream, error);
  }
}

type KubeletSubject = Exclude<StreamSubject, { readonly subresource: "workload" | "elsewhere" | "log" }>;

function locationOf(subject: KubeletSubject): KubeletLocation {
  switch (subject.subresource) {
    case "exec":
      return execLocation(subject.pod, subject.query);
    case "attach":
      return attachLocation(subject.pod, subject.query);
    case "portforward":
      return portForwardLocation(subject.pod, subject.query);
    case "proxy":
      return subject.location;
  }
}
