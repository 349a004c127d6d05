/** exec, attach and port-forward: which protocol the client wants, and who serves it. */

import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "../../supervisor/base/errors.ts";
import type { TakeOver, UpgradeHook } from "../../supervisor/base/http/http-options.ts";
import { headerList, type RequestHead } from "../../supervisor/base/http/request-head.ts";
import { acceptUpgrade, refuseUpgrade } from "../../supervisor/base/http/upgrade.ts";
import { chooseProtocol } from "../../supervisor/base/http/web-socket.ts";
import type { StreamSession } from "../runtime/stream-session.ts";
import { findContainer, findPod, isRunning, KubeletError } from "./container-path.ts";
import type { PodReference, PodStreams } from "./pod-streams.ts";
import { type PortDialer, parsePort, portDialer } from "./port-forward/forward-port.ts";
import { portForwardProtocol, servePortForward } from "./port-forward/spdy-port-forward.ts";
import {
  serveWebSocketPortForward,
  webSocketPortForwardProtocols,
} from "./port-forward/web-socket-port-forward.ts";
import type { RemoteCommandChannel } from "./remote-command/remote-command-channel.ts";
import { runSession } from "./remote-command/run-session.ts";
import { SpdyChannel, spdyCommandProtocols } from "./remote-command/spdy-channel.ts";
import { readStreamOptions, type StreamOptions } from "./remote-command/stream-options.ts";
import { WebSocketChannel, webSocketCommandProtocols } from "./remote-command/web-socket-channel.ts";
import { WebSocketStream } from "./websocket/web-socket-stream.ts";

const spdyProtocol = "SPDY/3.1";
const tcpProtocol = "tcp";
const protocolHeader = "X-Stream-Protocol-Version";

interface StreamRequest {
  readonly head: RequestHead;
  readonly query: URLSearchParams;
  readonly kind: "exec" | "attach" | "portForward";
  readonly pod: PodReference;
  /** Absent for port-forward. */
  readonly container: string;
}

/** An upgrade hook for the streams of Pods; it takes no other paths. */
export function streamUpgrades(streams: PodStreams): UpgradeHook {
  return (head): TakeOver | undefined => {
    const request = parseStreamRequest(head);
    if (request === undefined) return undefined;
    return (stream) => void serve(streams, request, stream);
  };
}

/** Paths as kubelet has them; the Pod's UID may stand before the container. */
function parseStreamRequest(head: RequestHead): StreamRequest | undefined {
  const url = new URL(head.target, "http://kubelet");
  const match = /^\/(exec|attach|portForward)\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
    url.pathname,
  );
  if (match === null) return undefined;
  const [, kind, namespace = "", pod = "", first = "", second = ""] = match.map((part) =>
    part === undefined ? "" : decodeURIComponent(part),
  );
  if (kind !== "exec" && kind !== "attach" && kind !== "portForward") return undefined;
  const container = second === "" ? first : second;
  if (kind !== "portForward" && container === "") return undefined;
  return { head, query: url.searchParams, kind, pod: { namespace, pod }, container };
}

async function serve(streams: PodStreams, request: StreamRequest, stream: Duplex): Promise<void> {
  try {
    if (request.kind === "portForward") await servePorts(streams, request, stream);
    else await serveCommand(streams, request, request.kind, stream);
  } catch (error) {
    const status = error instanceof KubeletError ? error.status : 500;
    const message = messageOf(error);
    await refuseUpgrade(stream, new Response(message, { status, headers: { "content-type": "text/plain" } }));
  }
}

async function serveCommand(
  streams: PodStreams,
  request: StreamRequest,
  kind: "exec" | "attach",
  stream: Duplex,
): Promise<void> {
  const { query, container, pod } = request;
  const asked = readStreamOptions(query);
  if (asked === undefined)
    throw new KubeletError(400, "you must specify at least 1 of stdin, stdout, stderr");
  const found = findPod(streams, pod.namespace, pod.pod);
  if (found === undefined) throw new KubeletError(404, "pod does not exist");
  const spec = findContainer(found, container);
  if (spec === undefined || !isRunning(found, container)) {
    throw new KubeletError(500, `container not found (${JSON.stringify(container)})`);
  }
  // Attached streams are the container's own: it decides whether there is a terminal.
  const tty = kind === "attach" ? spec.tty === true : asked.tty;
  const options: StreamOptions = { ...asked, tty, stderr: asked.stderr && !tty };
  const reference = { ...pod, container };
  const start = (): Promise<StreamSession> =>
    kind === "attach"
      ? streams.attach(reference, options)
      : streams.exec(reference, { ...options, command: query.getAll("command") });
  const channel = await openChannel(request, stream, options);
  if (channel !== undefined) await runSession(kind, start, channel);
}

/** Undefined when the client did not open what it said it would. */
async function openChannel(
  { head }: StreamRequest,
  stream: Duplex,
  options: StreamOptions,
): Promise<RemoteCommandChannel | undefined> {
  if (isWebSocket(head)) {
    return new WebSocketChannel(stream, head, webSocketProtocol(head, webSocketCommandProtocols), options);
  }
  const protocol = spdyProtocolOf(head, spdyCommandProtocols, "channel.k8s.io");
  acceptUpgrade(stream, spdyProtocol, [[protocolHeader, protocol]]);
  const channel = new SpdyChannel(stream, protocol, options);
  return (await channel.ready()) ? channel : undefined;
}

async function servePorts(streams: PodStreams, request: StreamRequest, stream: Duplex): Promise<void> {
  const { head, pod, query } = request;
  if (findPod(streams, pod.namespace, pod.pod) === undefined)
    throw new KubeletError(404, "pod does not exist");
  if (headerList(head, "upgrade").includes(tcpProtocol)) {
    return joinPort((port) => streams.connect(pod, port), query.get("port"), stream);
  }
  const dial = portDialer(streams, pod);
  if (!isWebSocket(head)) {
    const protocol = spdyProtocolOf(head, [portForwardProtocol], portForwardProtocol);
    acceptUpgrade(stream, spdyProtocol, [[protocolHeader, protocol]]);
    return servePortForward(stream, pod, dial);
  }
  const tunnelled = `${spdyProtocol}+${portForwardProtocol}`;
  const protocol = webSocketProtocol(head, [tunnelled, ...webSocketPortForwardProtocols]);
  if (protocol === tunnelled) return servePortForward(new WebSocketStream(stream, head, protocol), pod, dial);
  const ports = query.getAll("port").map(parsePort);
  if (ports.length === 0) throw new KubeletError(400, 'query parameter "port" is required');
  const valid = ports.filter((port) => port !== undefined);
  if (valid.length < ports.length || ports.length > 100)
    throw new KubeletError(400, 'invalid query parameter "port"');
  return serveWebSocketPortForward(stream, head, protocol, { pod, dial, ports: valid });
}

/** One port of the Pod's address and nothing around its bytes: how the supervisor itself reaches what runs in a Pod. */
async function joinPort(dial: PortDialer, text: string | null, stream: Duplex): Promise<void> {
  const port = parsePort(text ?? undefined);
  if (port === undefined) throw new KubeletError(400, 'invalid query parameter "port"');
  const socket = await dial(port);
  acceptUpgrade(stream, tcpProtocol);
  // Either end may break; both are closed then.
  await Promise.allSettled([pipeline(stream, socket), pipeline(socket, stream)]);
}

function isWebSocket(head: RequestHead): boolean {
  const upgrades = headerList(head, "upgrade").map((protocol) => protocol.toLowerCase());
  if (upgrades.includes("websocket")) return true;
  if (upgrades.includes(spdyProtocol.toLowerCase())) return false;
  throw new KubeletError(
    400,
    `unable to upgrade: missing upgrade headers in request, use WebSocket or ${spdyProtocol}`,
  );
}

function webSocketProtocol(head: RequestHead, spoken: readonly string[]): string {
  const protocol = chooseProtocol(head, spoken);
  if (protocol !== undefined) return protocol;
  const offered = headerList(head, "sec-websocket-protocol").join(" ");
  throw new KubeletError(
    403,
    `unable to upgrade: client supports [${offered}], server accepts [${spoken.join(" ")}]`,
  );
}

function spdyProtocolOf(head: RequestHead, spoken: readonly string[], ifUnsaid: string): string {
  const offered = headerList(head, protocolHeader);
  if (offered.length === 0) return ifUnsaid;
  const protocol = offered.find((name) => spoken.includes(name));
  if (protocol !== undefined) return protocol;
  const lists = `client supports [${offered.join(" ")}], server accepts [${spoken.join(" ")}]`;
  throw new KubeletError(403, `unable to upgrade: unable to negotiate protocol: ${lists}`);
}
