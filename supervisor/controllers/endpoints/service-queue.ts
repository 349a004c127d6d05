import type { V1Pod, V1Service } from "../../api/generated/types.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { ControllerEnvironment } from "../controller.ts";
import { endpointFingerprint } from "./pod-endpoint.ts";

export const serviceResource = { group: "", version: "v1", resource: "services" };

/** The Services whose endpoints may be others now, and the Pods that each selects. */
export class ServiceQueue {
  readonly services: Informer<V1Service>;
  readonly pods: Informer<V1Pod>;
  /** Of Services. */
  readonly queue: WorkQueue;

  constructor(name: string, environment: ControllerEnvironment) {
    this.services = environment.informers.informer<V1Service>(serviceResource);
    this.services.addIndexer("namespace", ({ metadata }) => [metadata?.namespace ?? ""]);
    this.pods = environment.informers.informer<V1Pod>(resources.pods);
    this.pods.addIndexer("namespace", ({ metadata }) => [metadata?.namespace ?? ""]);
    this.queue = new WorkQueue({ name, initialDelayMs: 50, maxDelayMs: 60_000, ...environment });
  }

  /** Notes changes from now on. */
  follow(): void {
    const add = (service: V1Service): void => this.queue.add(objectKey(service));
    this.services.addHandlers({ onAdd: add, onUpdate: add, onDelete: add });
    const addOf = (pod: V1Pod): void => {
      for (const service of this.#servicesOf(pod)) add(service);
    };
    this.pods.addHandlers({
      onAdd: addOf,
      onDelete: addOf,
      onUpdate: (pod, previous) => {
        if (endpointFingerprint(pod) === endpointFingerprint(previous)) return;
        addOf(previous);
        addOf(pod);
      },
    });
  }

  /** The Pods that a Service selects. */
  podsOf({ metadata, spec }: V1Service): readonly V1Pod[] {
    const { selector } = spec ?? {};
    if (selector === undefined) return [];
    const all = this.pods.byIndex("namespace", metadata?.namespace ?? "");
    return all.filter((pod) => selects(selector, pod));
  }

  #servicesOf(pod: V1Pod): readonly V1Service[] {
    const all = this.services.byIndex("namespace", pod.metadata?.namespace ?? "");
    return all.filter(({ spec }) => spec?.selector !== undefined && selects(spec.selector, pod));
  }
}

function selects(selector: Readonly<Record<string, string>>, { metadata }: V1Pod): boolean {
  return Object.entries(selector).every(([label, value]) => metadata?.labels?.[label] === value);
}
