/** The streams of Pods and Nodes: who may have them, and the log, which is an ordinary answer. */
import type { V1Pod } from "../../api/generated/types.ts";
import { newBadRequest, newServiceUnavailable } from "../../apimachinery/status-errors.ts";
import { fixedResponse } from "../../base/http/fixed-response.ts";
import type { ResourceContext } from "../request-context.ts";
import { responseHeaders } from "../response/api-response.ts";
import type { ClusterConnector } from "./cluster-connector.ts";
import { connectOptions } from "./connect-options.ts";
import type { KubeletProxy } from "./kubelet-proxy.ts";
import { checkLogOptions } from "./log-options.ts";
import { logLocation } from "./pod-location.ts";
import type { StreamSubject } from "./stream-dispatcher.ts";
import { type ProxyTarget, parseProxiedName, proxyTarget, WorkloadProxy } from "./workload-proxy.ts";

/** The ways to hosts and to what runs on them. */
interface Connections {
  readonly proxy?: KubeletProxy | undefined;
  readonly connector?: ClusterConnector | undefined;
}

async function podOf({ store, info }: ResourceContext): Promise<V1Pod> {
  // Only Pods have these subresources.
  return store.codec.decode(await store.get(info.namespace, info.name)) as unknown as V1Pod;
}

function nodeLocation({ info }: ResourceContext) {
  const query = info.query.size === 0 ? "" : `?${info.query}`;
  return { nodeName: info.name, target: `/${info.rest}${query}` };
}

/** Where a request to `pods/NAME/proxy` or `services/NAME/proxy` goes. Throws NotFound. */
async function workloadTarget(context: ResourceContext): Promise<ProxyTarget> {
  const { info, request, store } = context;
  if (info.resource !== "pods") return proxyTarget(info, request.url, undefined);
  const { name } = parseProxiedName("pod", info.name);
  // Only Pods are stored there.
  const pod = store.codec.decode(await store.get(info.namespace, name)) as unknown as V1Pod;
  return proxyTarget(info, request.url, pod);
}

function isWorkload({ resource }: ResourceContext["info"]): boolean {
  return resource === "pods" || resource === "services";
}

/** Lets admission see a stream before it is opened; a log is read and no stream. Rejects with a refusal. */
async function admitConnect(context: ResourceContext): Promise<void> {
  const { subresource, info, admission } = context;
  if (subresource?.type !== "connect" || info.subresource === "log") return;
  const object = connectOptions(subresource.kind, info);
  await admission.connect({ operation: "CONNECT", context, object, dryRun: false });
}

/** Serves the subresources that pass a request on to a host or what runs there. Throws API errors. */
export function connectHandler({
  proxy,
  connector,
}: Connections): (context: ResourceContext) => Promise<Response> {
  const workloads = connector && new WorkloadProxy(connector);
  return async (context) => {
    const { info, request, connection } = context;
    await admitConnect(context);
    if (info.subresource === "proxy" && isWorkload(info) && workloads !== undefined) {
      return workloads.fetch(await workloadTarget(context), request, connection.signal);
    }
    if (info.resource === "pods" && info.subresource === "log") checkLogOptions(info.name, info.query);
    else if (info.subresource !== "proxy") throw newBadRequest("Upgrade request required");
    if (proxy === undefined) throw newServiceUnavailable("no connection to hosts is served here");
    if (info.resource === "nodes") {
      await context.store.get("", info.name);
      return proxy.fetch(nodeLocation(context), request, connection);
    }
    const location = logLocation(await podOf(context), info.query);
    if (location === undefined) {
      return fixedResponse("", { status: 200, headers: responseHeaders(context, "text/plain") });
    }
    return proxy.log(location, info.name, connection);
  };
}

/** What an admitted upgrade is about. Throws NotFound. */
export async function streamSubject(context: ResourceContext): Promise<StreamSubject> {
  const { info } = context;
  const { subresource } = info;
  await admitConnect(context);
  if (info.resource === "nodes" && subresource === "proxy") {
    await context.store.get("", info.name);
    return { subresource, location: nodeLocation(context) };
  }
  if (subresource === "exec" || subresource === "attach" || subresource === "portforward") {
    return { subresource, pod: await podOf(context), query: info.query };
  }
  if (info.resource === "pods" && subresource === "log") {
    checkLogOptions(info.name, info.query);
    const pod = await podOf(context);
    return { subresource, pod, location: logLocation(pod, info.query) };
  }
  if (subresource === "proxy" && isWorkload(info)) {
    return { subresource: "workload", target: await workloadTarget(context) };
  }
  throw newBadRequest("Upgrade request required");
}
