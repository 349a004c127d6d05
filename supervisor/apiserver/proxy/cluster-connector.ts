/**
 * Connections from this process to Pods and Services. What runs on a host is reached through that host's tunnel, so
 * that the supervisor needs no route to Pods; other endpoints are dialled directly.
 */

import { connect as connectTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { V1EndpointSlice, V1Pod, V1Service } from "../../api/generated/types.ts";
import { newBadRequest, newNotFound, newServiceUnavailable } from "../../apimachinery/status-errors.ts";
import { sendRequest } from "../../base/http/http-client.ts";
import { networkWords } from "../../base/http/network-words.ts";
import { readBody } from "../../base/http/read-body.ts";
import type { Logger } from "../../base/logging.ts";
import { storagePrefixOf } from "../../registry/storage-prefix.ts";
import type { Backend } from "../../storage/backend.ts";
import { NamespacedCache } from "../storage/namespaced-cache.ts";
import type { NodeDialer } from "./node-dialer.ts";

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  /** One of the Service's ports, by number or name. */
  readonly port: number | string;
}

export interface ClusterConnectorOptions {
  readonly backend: Backend;
  readonly logger: Logger;
  readonly nodes: NodeDialer;
  /** A number from 0 up to 1, by which an endpoint is chosen. */
  random(): number;
}

interface Endpoint {
  readonly address: string;
  readonly nodeName?: string;
  /** The Pod behind the address. */
  readonly podName?: string;
}

/** What is kept of an EndpointSlice. */
interface Slice {
  readonly service: string;
  readonly endpoints: readonly Endpoint[];
  /** Port numbers by name. */
  readonly ports: ReadonlyMap<string, number>;
}

const serviceLabel = "kubernetes.io/service-name";
const dialTimeoutMs = 30_000;
const errorTextBytes = 4096;
/** The protocol of {@link ClusterConnector} on a host's tunnel: after the head, the bytes of the connection. */
const tcpProtocol = "tcp";

export class ClusterConnector {
  readonly #options: ClusterConnectorOptions;
  /** Followed from when a Service is first asked for. */
  #slices: Promise<NamespacedCache<Slice>> | undefined;

  constructor(options: ClusterConnectorOptions) {
    this.#options = options;
  }

  stop(): void {
    void this.#slices?.then((slices) => slices.stop());
  }

  /**
   * A connection to one of a Service's ready endpoints. Throws NotFound and ServiceUnavailable, and the error of the
   * connection.
   */
  async toService({ namespace, name, port }: ServiceReference, signal: AbortSignal): Promise<Duplex> {
    const stored = await this.#options.backend.get(`/registry/services/${namespace}/${name}`);
    if (stored === undefined) throw newNotFound({ group: "", resource: "services" }, name);
    // Only Services are stored under this prefix.
    const { spec } = JSON.parse(stored.value) as V1Service;
    const found = spec?.ports?.find((one) => one.port === Number(port) || (one.name ?? "") === port);
    if (spec?.type === "ExternalName") {
      return dialTcp(spec.externalName ?? "", found?.port ?? Number(port), signal);
    }
    if (found === undefined) {
      throw newServiceUnavailable(`no service port ${JSON.stringify(port)} found for service "${name}"`);
    }
    const slices = await this.#followed();
    const candidates = Array.from(slices.in(namespace)?.values() ?? []).flatMap(
      ({ service, endpoints, ports }) => {
        const target = ports.get(found.name ?? "");
        if (service !== name || target === undefined) return [];
        return endpoints.map((endpoint) => ({ endpoint, target }));
      },
    );
    const chosen = candidates[Math.floor(this.#options.random() * candidates.length)];
    if (chosen === undefined) throw newServiceUnavailable(`no endpoints available for service "${name}"`);
    return this.#toEndpoint(namespace, chosen.endpoint, chosen.target, signal);
  }

  /** A connection to a Pod's port. Throws BadRequest for a Pod without an address, and the connection's error. */
  async toPod(pod: V1Pod, port: number, signal: AbortSignal): Promise<Duplex> {
    const { namespace = "", name = "" } = pod.metadata ?? {};
    const nodeName = pod.spec?.nodeName;
    const address = pod.status?.podIP;
    if (!address || !nodeName) throw newBadRequest("address not allowed");
    return this.#toEndpoint(namespace, { address, nodeName, podName: name }, port, signal);
  }

  #toEndpoint(namespace: string, endpoint: Endpoint, port: number, signal: AbortSignal): Promise<Duplex> {
    const { address, nodeName, podName } = endpoint;
    if (nodeName === undefined || podName === undefined) return dialTcp(address, port, signal);
    return this.#throughTunnel(nodeName, `/portForward/${namespace}/${podName}?port=${port}`, signal);
  }

  async #throughTunnel(nodeName: string, target: string, signal: AbortSignal): Promise<Duplex> {
    const stream = await this.#options.nodes.dial(nodeName, signal);
    const headers = [
      ["Connection", "Upgrade"],
      ["Upgrade", tcpProtocol],
    ] as const;
    const answer = await sendRequest(stream, { method: "GET", target, headers, signal });
    if (answer.kind === "upgraded") return stream;
    const text = Buffer.from(await readBody(answer.response, errorTextBytes)).toString("utf8");
    throw new Error(text);
  }

  #followed(): Promise<NamespacedCache<Slice>> {
    this.#slices ??= this.#follow();
    return this.#slices;
  }

  async #follow(): Promise<NamespacedCache<Slice>> {
    const { backend, logger } = this.#options;
    const slices = new NamespacedCache<Slice>({
      backend,
      logger,
      prefix: storagePrefixOf("discovery.k8s.io", "endpointslices"),
      // Only EndpointSlices are stored under this prefix.
      keep: (object) => sliceOf(object as unknown as V1EndpointSlice),
    });
    await slices.start();
    return slices;
  }
}

function sliceOf({ metadata, endpoints, ports }: V1EndpointSlice): Slice | undefined {
  const service = metadata?.labels?.[serviceLabel];
  if (service === undefined) return undefined;
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  return {
    service,
    endpoints: ready.flatMap(({ addresses, nodeName, targetRef }) =>
      addresses.slice(0, 1).map((address) => ({
        address,
        ...(nodeName === undefined ? {} : { nodeName }),
        ...(targetRef?.kind === "Pod" && targetRef.name !== undefined ? { podName: targetRef.name } : {}),
      })),
    ),
    ports: new Map((ports ?? []).map(({ name = "", port }) => [name, port ?? 0])),
  };
}

function dialTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connectTcp({ host, port });
  const fail = (error: Error): void => {
    socket.destroy();
    reject(error);
  };
  const abort = (): void => fail(new Error(`dial tcp ${host}:${port}: the request was aborted`));
  const settle = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  };
  const timer = setTimeout(() => fail(new Error(`dial tcp ${host}:${port}: i/o timeout`)), dialTimeoutMs);
  signal.addEventListener("abort", abort, { once: true });
  socket.once("connect", () => {
    settle();
    socket.off("error", onError);
    resolve(socket);
  });
  const onError = (error: Error): void => {
    settle();
    fail(new Error(networkWords(error, { host, port }), { cause: error }));
  };
  socket.once("error", onError);
  if (signal.aborted) abort();
  return promise;
}
