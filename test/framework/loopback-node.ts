import { connect } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { kubeletServer } from "../../agent/server/kubelet-server.ts";
import type { PodStreams } from "../../agent/server/pod-streams.ts";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import type { NodeDialer } from "../../supervisor/apiserver/proxy/node-dialer.ts";
import { serveHttp } from "../../supervisor/base/http/serve-http.ts";

/** A node whose Pods' ports are those of this machine's loopback: the host's own server without a host around it. */
export class LoopbackNode implements NodeDialer {
  readonly #pods: V1Pod[] = [];

  /** A Pod that the node knows from now on. */
  add(namespace: string, name: string): void {
    this.#pods.push({ metadata: { namespace, name }, spec: { containers: [] } });
  }

  async dial(): Promise<Duplex> {
    const [stream, serverSide] = duplexPair();
    const streams: PodStreams = {
      pods: () => this.#pods,
      exec: () => Promise.reject(new Error("nothing is executed here")),
      attach: () => Promise.reject(new Error("nothing is attached to here")),
      portForward: (_pod, port) => dialLoopback(port),
      connect: (_pod, port) => dialLoopback(port),
      logFile: () => undefined,
    };
    void serveHttp(serverSide, kubeletServer(streams, Date.now), { remoteAddress: "test" });
    return stream;
  }
}

function dialLoopback(port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** The objects that lead a Service to ports of Pods on a node. */
export function serviceObjects(
  name: string,
  port: number,
  targetPort: number,
): { readonly service: object; readonly slice: object } {
  const ports = [{ port, targetPort, protocol: "TCP" }];
  return {
    service: { metadata: { name }, spec: { ports } },
    slice: {
      metadata: { name: `${name}-1`, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports: [{ name: "", port: targetPort, protocol: "TCP" }],
      endpoints: [
        {
          addresses: ["10.42.0.9"],
          conditions: { ready: true },
          nodeName: "box-1",
          targetRef: { kind: "Pod", namespace: "default", name },
        },
      ],
    },
  };
}
