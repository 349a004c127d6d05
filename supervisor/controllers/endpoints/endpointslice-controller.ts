import type { V1EndpointSlice, V1Node, V1Service } from "../../api/generated/types.ts";
import { isConflict, isForbidden, isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import type { WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { managedByLabel, reconcileSlices, serviceNameLabel, sliceResource } from "./endpoint-slices.ts";
import { isHeadless } from "./pod-endpoint.ts";
import { serviceEndpoints } from "./service-endpoints.ts";
import { ServiceQueue } from "./service-queue.ts";
import { TriggerTimes } from "./trigger-times.ts";

const managedBy = "endpointslice-controller.k8s.io";
const headlessLabel = "service.kubernetes.io/headless";

/** Keeps EndpointSlices for every Service that selects Pods (kube-controller-manager's endpointslice controller). */
export class EndpointSliceController implements Controller {
  readonly name = "endpointslice-controller";
  readonly #environment: ControllerEnvironment;
  readonly #services: ServiceQueue;
  readonly #nodes: Informer<V1Node>;
  readonly #slices: Informer<V1EndpointSlice>;
  readonly #triggers = new TriggerTimes();

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#services = new ServiceQueue("endpointslice", environment);
    this.#nodes = environment.informers.informer<V1Node>(resources.nodes);
    this.#slices = environment.informers.informer<V1EndpointSlice>(sliceResource);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { services, pods, queue } = this.#services;
    this.#services.follow();
    const restore = (slice: V1EndpointSlice): void => {
      const { labels = {}, namespace = "" } = slice.metadata ?? {};
      if (labels[managedByLabel] === managedBy) queue.add(`${namespace}/${labels[serviceNameLabel] ?? ""}`);
    };
    this.#slices.addHandlers({ onUpdate: (slice) => restore(slice), onDelete: restore });
    const addAll = (node: V1Node): void => this.#addServicesOn(node);
    this.#nodes.addHandlers({
      onAdd: addAll,
      onDelete: addAll,
      onUpdate: (node, previous) => {
        const zoneOf = ({ metadata }: V1Node) => metadata?.labels?.["topology.kubernetes.io/zone"];
        if (zoneOf(node) !== zoneOf(previous)) addAll(node);
      },
    });
    if (!(await waitForSync(signal, services, pods, this.#nodes, this.#slices))) return;
    await queue.run(signal, 5, (key) => this.#sync(key));
  }

  /** Its Pods' endpoints come, go or move with it. */
  #addServicesOn({ metadata }: V1Node): void {
    const { services, queue } = this.#services;
    for (const service of services.list()) {
      const isOnNode = this.#services.podsOf(service).some(({ spec }) => spec?.nodeName === metadata?.name);
      if (isOnNode) queue.add(`${service.metadata?.namespace}/${service.metadata?.name}`);
    }
  }

  async #sync(key: string): Promise<WorkResult | undefined> {
    const service = this.#services.services.get(key);
    // Its slices go with it, by the garbage collector.
    if (service === undefined) this.#triggers.forget(key);
    if (service?.spec?.selector === undefined || service.spec.type === "ExternalName") return undefined;
    try {
      await this.#write(key, service);
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return { requeueAfterMs: 50 };
      // The namespace is on its way out.
      if (!isForbidden(error)) throw error;
    }
    return undefined;
  }

  async #write(key: string, service: V1Service): Promise<void> {
    const { namespace = "", name = "", uid = "", labels = {} } = service.metadata ?? {};
    const pods = this.#services.podsOf(service);
    const { [headlessLabel]: _headless, [serviceNameLabel]: _name, [managedByLabel]: _by, ...own } = labels;
    await reconcileSlices(this.#environment.client, {
      namespace,
      serviceName: name,
      managedBy,
      labels: { ...own, ...(isHeadless(service) ? { [headlessLabel]: "" } : {}) },
      annotations: {},
      owner: { apiVersion: "v1", kind: "Service", name, uid },
      groups: serviceEndpoints(service, pods, (node) => this.#nodes.get(node)),
      triggerTime: this.#triggers.next(key, service, pods),
    });
  }
}
