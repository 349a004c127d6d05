/** metrics.k8s.io/v1beta1, which `kubectl top` and autoscalers read, from what hosts tell of themselves. */
import type { V1Node, V1Pod } from "../../api/generated/types.ts";
import { ApiError } from "../../apimachinery/errors.ts";
import { matchesFields, parseFieldSelector } from "../../apimachinery/fields.ts";
import { matchesLabels, parseLabelSelector } from "../../apimachinery/labels.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import { formatQuantity } from "../../apimachinery/quantity-format.ts";
import {
  newBadRequest,
  newInternalError,
  newMethodNotAllowed,
  newNotFound,
  newPathNotFound,
} from "../../apimachinery/status-errors.ts";
import type { Clock } from "../../base/clock.ts";
import { fixedResponse } from "../../base/http/fixed-response.ts";
import { storagePrefixOf } from "../../registry/storage-prefix.ts";
import type { Backend } from "../../storage/backend.ts";
import { pagesOf } from "../../storage/pages-of.ts";
import type { LocalApi, LocalRequest } from "../aggregation/local-api.ts";
import type { KubeletProxy } from "../proxy/kubelet-proxy.ts";
import { statusResponse } from "../proxy/status-response.ts";
import { metricsApiService, metricsResourceList, metricsResources } from "./metrics-discovery.ts";
import {
  metricsVersion,
  type NodeMetrics,
  nodeMetrics,
  type PodMetrics,
  podMetrics,
} from "./metrics-objects.ts";
import { metricsTable } from "./metrics-table.ts";
import { UsageSource } from "./usage-source.ts";

export interface ResourceMetricsOptions {
  readonly backend: Backend;
  readonly proxy: KubeletProxy;
  readonly clock: Clock;
}

const nodesPrefix = storagePrefixOf("", "nodes");
const podsPrefix = storagePrefixOf("", "pods");
const path = /^\/apis\/metrics\.k8s\.io\/v1beta1(?:\/namespaces\/([^/]+))?\/(nodes|pods)(?:\/([^/]+))?$/;

type Selection = (object: V1Node | V1Pod) => boolean;

export class ResourceMetricsApi implements LocalApi {
  readonly registration = metricsApiService;
  readonly resources = metricsResources;
  readonly #options: ResourceMetricsOptions;
  readonly #source: UsageSource;

  constructor(options: ResourceMetricsOptions) {
    this.#options = options;
    this.#source = new UsageSource(options.proxy, options.clock);
  }

  /** Never rejects. */
  async fetch(request: LocalRequest): Promise<Response> {
    try {
      return await this.#answer(request);
    } catch (error) {
      return statusResponse(error instanceof ApiError ? error : newInternalError(error));
    }
  }

  async #answer({ method, target, accept }: LocalRequest): Promise<Response> {
    const url = new URL(target, "http://metrics");
    if (url.pathname === `/apis/${metricsVersion}`) return json(metricsResourceList);
    const [match, namespace = "", resource, name] = path.exec(url.pathname) ?? [];
    if (match === undefined) throw newPathNotFound();
    if (method !== "GET") throw newMethodNotAllowed();
    const select = selection(url.searchParams, name === undefined ? undefined : decodeURIComponent(name));
    const objects = await (resource === "nodes" ? this.#nodes(select) : this.#pods(namespace, select));
    const inTable = /;\s*as=Table\b/.test(accept);
    if (name !== undefined) {
      const [object] = objects;
      if (object === undefined) throw notFound(resource ?? "", namespace, name);
      return json(inTable ? tableOf([object]) : object);
    }
    const kind = resource === "nodes" ? "NodeMetricsList" : "PodMetricsList";
    return json(
      inTable ? tableOf(objects) : { kind, apiVersion: metricsVersion, metadata: {}, items: objects },
    );
  }

  async #nodes(select: Selection): Promise<NodeMetrics[]> {
    const all = await this.#objects<V1Node>(nodesPrefix);
    this.#source.keep(new Set(all.map(({ metadata }) => metadata?.name ?? "")));
    const nodes = all.filter(select);
    const used = await this.#source.read(nodes.map(({ metadata }) => metadata?.name ?? ""));
    const nowMs = this.#options.clock.now();
    return nodes.flatMap((node) => nodeMetrics(node, used.get(node.metadata?.name ?? ""), nowMs) ?? []);
  }

  async #pods(namespace: string, select: Selection): Promise<PodMetrics[]> {
    const prefix = namespace === "" ? podsPrefix : `${podsPrefix}${namespace}/`;
    const pods = (await this.#objects<V1Pod>(prefix)).filter(
      (pod) => pod.status?.phase === "Running" && select(pod),
    );
    const names = new Set(pods.flatMap(({ spec }) => spec?.nodeName ?? []));
    const used = await this.#source.read([...names]);
    const nowMs = this.#options.clock.now();
    return pods.flatMap((pod) => podMetrics(pod, used.get(pod.spec?.nodeName ?? ""), nowMs) ?? []);
  }

  async #objects<T>(prefix: string): Promise<T[]> {
    const objects: T[] = [];
    for await (const { items } of pagesOf(this.#options.backend, prefix)) {
      // Only objects of this kind are stored under the prefix.
      for (const { value } of items) objects.push(JSON.parse(value) as T);
    }
    return objects;
  }
}

/** Throws a BadRequest {@link ApiError} for a selector that cannot be read. */
function selection(query: URLSearchParams, name: string | undefined): Selection {
  try {
    const labels = parseLabelSelector(query.get("labelSelector") ?? "");
    const fields = parseFieldSelector(query.get("fieldSelector") ?? "");
    return ({ metadata = {} }) =>
      (name === undefined || metadata.name === name) &&
      matchesLabels(labels, metadata.labels) &&
      matchesFields(fields, { "metadata.name": metadata.name, "metadata.namespace": metadata.namespace });
  } catch (error) {
    throw newBadRequest(error instanceof Error ? error.message : String(error));
  }
}

function notFound(resource: string, namespace: string, name: string): ApiError {
  const subject = namespace === "" ? name : `${namespace}/${name}`;
  return newNotFound(
    { group: "metrics.k8s.io", resource: resource === "nodes" ? "nodemetrics" : "podmetrics" },
    subject,
  );
}

function tableOf(objects: readonly (NodeMetrics | PodMetrics)[]): object {
  return metricsTable(
    objects.map((object) => ({
      object,
      usage: "usage" in object ? object.usage : sumOf(object.containers.map(({ usage }) => usage)),
    })),
  );
}

function sumOf(usages: ReadonlyArray<{ readonly cpu: string; readonly memory: string }>) {
  const sum = (texts: readonly string[], like: string): string =>
    formatQuantity(
      texts.reduce((total, text) => total + parseQuantity(text), 0n),
      like,
    );
  return {
    cpu: sum(
      usages.map(({ cpu }) => cpu),
      "1n",
    ),
    memory: sum(
      usages.map(({ memory }) => memory),
      "1Ki",
    ),
  };
}

function json(document: object): Response {
  return fixedResponse(JSON.stringify(document), { headers: { "content-type": "application/json" } });
}
