import type { Duplex } from "node:stream";
import type { PodReference } from "../pod-streams.ts";
import { SpdyConnection } from "../spdy/spdy-connection.ts";
import type { SpdyStream } from "../spdy/spdy-stream.ts";
import { forwardPort, type PortDialer, parsePort } from "./forward-port.ts";

export const portForwardProtocol = "portforward.k8s.io";

/** kubelet's `DefaultStreamCreationTimeout`: how long one stream of a pair waits for the other. */
const pairTimeoutMs = 30_000;
/** Connections whose second stream has not come yet. */
const maxHalfPairs = 1000;

/**
 * Serves port-forward over SPDY: for each connection the client opens two streams of one `requestid`, `error` and
 * `data`. Resolves when the client has gone.
 */
export function servePortForward(stream: Duplex, pod: PodReference, dial: PortDialer): Promise<void> {
  const halves = new Map<string, SpdyStream>();
  const connection = new SpdyConnection(stream, (opened) => {
    const type = opened.headers.get("streamtype");
    const port = parsePort(opened.headers.get("port"));
    const requestId = opened.headers.get("requestid") ?? String(opened.streamId - (type === "data" ? 2 : 0));
    const other = halves.get(requestId);
    const isPair = other !== undefined && other.headers.get("streamtype") !== type;
    if (port === undefined || (type !== "error" && type !== "data") || (other !== undefined && !isPair)) {
      opened.destroy();
    } else if (other !== undefined) {
      halves.delete(requestId);
      void forwardPair(type === "data" ? other : opened, type === "data" ? opened : other, port);
    } else if (halves.size < maxHalfPairs) {
      halves.set(requestId, opened);
      dropIfAlone(halves, requestId, opened);
    } else opened.destroy();
  });
  async function forwardPair(error: SpdyStream, data: SpdyStream, port: number): Promise<void> {
    error.resume();
    const failure = await forwardPort(dial, pod, port, data, data);
    error.end(failure ?? "");
    if (failure !== undefined) data.resume();
    data.end();
  }
  return connection.closed;
}

function dropIfAlone(halves: Map<string, SpdyStream>, requestId: string, half: SpdyStream): void {
  const drop = (): void => {
    if (halves.get(requestId) !== half) return;
    halves.delete(requestId);
    half.destroy();
  };
  const timer = setTimeout(drop, pairTimeoutMs);
  half.once("close", () => {
    clearTimeout(timer);
    drop();
  });
}
