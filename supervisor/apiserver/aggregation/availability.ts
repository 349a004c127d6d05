/** Whether a server in the cluster answers (kube-aggregator `pkg/controllers/status/remote`). */

import type { V1APIServiceCondition, V1EndpointSlice, V1Service } from "../../api/generated/types.ts";
import type { Backend } from "../../storage/backend.ts";
import { type RemoteApi, rootOf } from "./remote-api.ts";
import { failureWords, type RemoteTransport } from "./remote-transport.ts";

type State = Pick<V1APIServiceCondition, "status" | "reason" | "message">;

/** As whom discovery is asked: such a user may read it everywhere. */
export const aggregatorUser = { name: "system:kube-aggregator", groups: ["system:masters"] };

const attempts = 5;
const attemptTimeoutMs = 5000;
const serviceLabel = "kubernetes.io/service-name";

export const localState: State = {
  status: "True",
  reason: "Local",
  message: "Local APIServices are always available",
};

function failed(reason: string, message: string): State {
  return { status: "False", reason, message };
}

/** Where the objects of a remote API's Service are stored: changes there may change whether it answers. */
export function prefixesOf({ service }: RemoteApi): readonly string[] {
  return [
    `/registry/services/${service.namespace}/${service.name}`,
    `/registry/endpointslices/${service.namespace}/`,
  ];
}

export async function checkAvailability(
  remote: RemoteApi,
  backend: Backend,
  transport: RemoteTransport,
): Promise<State> {
  const { namespace, name, port } = remote.service;
  const place = `service/${name} in ${JSON.stringify(namespace)}`;
  const [serviceKey = "", slicePrefix = ""] = prefixesOf(remote);
  const stored = await backend.get(serviceKey);
  if (stored === undefined) return failed("ServiceNotFound", `${place} is not present`);
  // Only Services are stored under this prefix.
  const { spec } = JSON.parse(stored.value) as V1Service;
  if ((spec?.type ?? "ClusterIP") === "ClusterIP") {
    const found = spec?.ports?.find((candidate) => candidate.port === port);
    if (found === undefined) return failed("ServicePortError", `${place} is not listening on port ${port}`);
    const slices = await slicesOf(backend, slicePrefix, name);
    if (slices.length === 0) {
      return failed("EndpointsNotFound", `cannot find endpointslices for ${place}`);
    }
    const portName = found.name ?? "";
    if (!slices.some((slice) => hasEndpoint(slice, portName))) {
      const message = `endpointslices for ${place} have no addresses with port name ${JSON.stringify(portName)}`;
      return failed("MissingEndpoints", message);
    }
  }
  const host = spec?.type === "ExternalName" ? spec.externalName : spec?.clusterIP;
  const url = `https://${host}:${port}${rootOf(remote)}`;
  const complaint = await discoveryComplaint(remote, url, transport);
  if (complaint !== undefined) return failed("FailedDiscoveryCheck", complaint);
  return { status: "True", reason: "Passed", message: "all checks passed" };
}

async function slicesOf(
  backend: Backend,
  prefix: string,
  service: string,
): Promise<readonly V1EndpointSlice[]> {
  const { items } = await backend.range({ prefix });
  // Only EndpointSlices are stored under this prefix.
  const slices = items.map(({ value }) => JSON.parse(value) as V1EndpointSlice);
  return slices.filter(({ metadata }) => metadata?.labels?.[serviceLabel] === service);
}

function hasEndpoint({ endpoints, ports }: V1EndpointSlice, portName: string): boolean {
  return (
    (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) &&
    (ports ?? []).some(({ name = "", port }) => name === portName && port !== undefined)
  );
}

/** Asks some endpoints until one answers; the text of the last failure where none does. */
async function discoveryComplaint(
  remote: RemoteApi,
  url: string,
  transport: RemoteTransport,
): Promise<string | undefined> {
  const first = await attempt(remote, url, transport);
  if (first === undefined) return undefined;
  const others = Array.from({ length: attempts - 1 }, () => attempt(remote, url, transport));
  const complaints = await Promise.all(others);
  return complaints.includes(undefined) ? undefined : complaints.at(-1);
}

async function attempt(
  remote: RemoteApi,
  url: string,
  transport: RemoteTransport,
): Promise<string | undefined> {
  const prefix = `failing or missing response from ${url}:`;
  try {
    const timeoutMs = attemptTimeoutMs;
    const { status } = await transport.read(remote, rootOf(remote), aggregatorUser, { timeoutMs });
    return status >= 200 && status < 300 ? undefined : `${prefix} bad status from ${url}: ${status}`;
  } catch (error) {
    return `${prefix} Get ${JSON.stringify(url)}: ${failureWords(remote, error)}`;
  }
}
