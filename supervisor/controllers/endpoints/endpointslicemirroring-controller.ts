import type {
  DiscoveryV1EndpointPort,
  V1Endpoint,
  V1EndpointAddress,
  V1EndpointSlice,
  V1Endpoints,
  V1Service,
} from "../../api/generated/types.ts";
import { isConflict, isForbidden, isNotFound } from "../../apimachinery/errors.ts";
import { objectKey } from "../../client/object-store.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import {
  type EndpointGroup,
  managedByLabel,
  reconcileSlices,
  serviceNameLabel,
  sliceResource,
} from "./endpoint-slices.ts";
import { familyOf } from "./pod-endpoint.ts";
import { serviceResource } from "./service-queue.ts";
import { triggerTimeAnnotation } from "./trigger-times.ts";

const managedBy = "endpointslicemirroring-controller.k8s.io";
const endpointsResource = { group: "", version: "v1", resource: "endpoints" };
const leaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
const skipLabel = "endpointslice.kubernetes.io/skip-mirror";
/** How many addresses of a subset are taken. */
const maxAddresses = 1000;

/** Makes EndpointSlices of Endpoints that somebody keeps by hand (kube-controller-manager's mirroring controller). */
export class EndpointSliceMirroringController implements Controller {
  readonly name = "endpointslice-mirroring-controller";
  readonly #environment: ControllerEnvironment;
  readonly #services: Informer<V1Service>;
  readonly #endpoints: Informer<V1Endpoints>;
  readonly #slices: Informer<V1EndpointSlice>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    const { informers } = environment;
    this.#environment = environment;
    this.#services = informers.informer<V1Service>(serviceResource);
    this.#endpoints = informers.informer<V1Endpoints>(endpointsResource);
    this.#slices = informers.informer<V1EndpointSlice>(sliceResource);
    this.#queue = new WorkQueue({ name: "endpointslice-mirroring", initialDelayMs: 50, ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (object: V1Endpoints | V1Service): void => this.#queue.add(objectKey(object));
    this.#endpoints.addHandlers({ onAdd: add, onUpdate: add, onDelete: add });
    this.#services.addHandlers({ onAdd: add, onUpdate: add, onDelete: add });
    const restore = ({ metadata }: V1EndpointSlice): void => {
      const { labels = {}, namespace = "" } = metadata ?? {};
      if (labels[managedByLabel] === managedBy)
        this.#queue.add(`${namespace}/${labels[serviceNameLabel] ?? ""}`);
    };
    this.#slices.addHandlers({ onAdd: restore, onUpdate: restore, onDelete: restore });
    if (!(await waitForSync(signal, this.#services, this.#endpoints, this.#slices))) return;
    await this.#queue.run(signal, 5, (key) => this.#sync(key));
  }

  async #sync(key: string): Promise<WorkResult | undefined> {
    const endpoints = this.#endpoints.get(key);
    const service = this.#services.get(key);
    const isMirrored = endpoints !== undefined && isForMirroring(endpoints);
    const isWanted = isMirrored && service !== undefined && service.spec?.selector === undefined;
    if (!isWanted && !this.#hasSlices(key)) return undefined;
    const [namespace = "", name = ""] = key.split("/");
    const { uid = "", labels = {}, annotations = {} } = endpoints?.metadata ?? {};
    const {
      [leaderAnnotation]: _l,
      [lastAppliedAnnotation]: _a,
      [triggerTimeAnnotation]: trigger,
      ...kept
    } = annotations;
    try {
      await reconcileSlices(this.#environment.client, {
        namespace,
        serviceName: name,
        managedBy,
        labels,
        annotations: kept,
        owner: { apiVersion: "v1", kind: "Endpoints", name, uid },
        groups: isWanted ? mirroredGroups(endpoints) : [],
        triggerTime: trigger,
      });
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return { requeueAfterMs: 50 };
      // The namespace is on its way out.
      if (!isForbidden(error)) throw error;
    }
    return undefined;
  }

  #hasSlices(key: string): boolean {
    return this.#slices.list().some(({ metadata }) => {
      const { labels = {}, namespace = "" } = metadata ?? {};
      return labels[managedByLabel] === managedBy && `${namespace}/${labels[serviceNameLabel]}` === key;
    });
  }
}

function isForMirroring({ metadata }: V1Endpoints): boolean {
  return metadata?.labels?.[skipLabel] !== "true" && metadata?.annotations?.[leaderAnnotation] === undefined;
}

function mirroredGroups({ subsets = [] }: V1Endpoints): readonly EndpointGroup[] {
  const groups = new Map<
    string,
    { addressType: string; ports: readonly DiscoveryV1EndpointPort[]; endpoints: V1Endpoint[] }
  >();
  for (const { addresses = [], notReadyAddresses = [], ports: given = [] } of subsets) {
    const ports = given.map(({ name = "", port, protocol = "TCP", appProtocol }) => ({
      name,
      protocol,
      port,
      ...(appProtocol ? { appProtocol } : {}),
    }));
    const all = [
      ...addresses.map((address) => mirrored(address, true)),
      ...notReadyAddresses.map((address) => mirrored(address, false)),
    ];
    for (const endpoint of all.slice(0, maxAddresses)) {
      const addressType = familyOf(endpoint.addresses[0] ?? "");
      const key = JSON.stringify([addressType, ports]);
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      group.endpoints.push(endpoint);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

function mirrored({ ip, hostname, nodeName, targetRef }: V1EndpointAddress, ready: boolean): V1Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
}
