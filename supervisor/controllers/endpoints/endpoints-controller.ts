import type { V1Endpoints, V1Service } from "../../api/generated/types.ts";
import { isAlreadyExists, isConflict, isForbidden, isNotFound } from "../../apimachinery/errors.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import type { WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { endpointSubsets, type Subsets } from "./endpoint-subsets.ts";
import { isHeadless } from "./pod-endpoint.ts";
import { ServiceQueue } from "./service-queue.ts";
import { TriggerTimes, triggerTimeAnnotation } from "./trigger-times.ts";

const endpointsResource = { group: "", version: "v1", resource: "endpoints" };
const headlessLabel = "service.kubernetes.io/headless";
const managedByLabel = "endpoints.kubernetes.io/managed-by";
const overCapacity = "endpoints.kubernetes.io/over-capacity";

/** Keeps an Endpoints object for every Service that selects Pods (kube-controller-manager's endpoints controller). */
export class EndpointsController implements Controller {
  readonly name = "endpoints-controller";
  readonly #environment: ControllerEnvironment;
  readonly #services: ServiceQueue;
  readonly #triggers = new TriggerTimes();

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#services = new ServiceQueue("endpoints", environment);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { services, pods, queue } = this.#services;
    this.#services.follow();
    if (!(await waitForSync(signal, services, pods))) return;
    await queue.run(signal, 5, (key) => this.#sync(key));
  }

  async #sync(key: string): Promise<WorkResult | undefined> {
    const service = this.#services.services.get(key);
    try {
      if (service === undefined) await this.#remove(key);
      else if (service.spec?.selector !== undefined && service.spec.type !== "ExternalName") {
        await this.#write(key, service);
      }
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (isConflict(error) || isAlreadyExists(error)) return { requeueAfterMs: 0 };
      // The namespace is on its way out.
      if (!isForbidden(error)) throw error;
    }
    return undefined;
  }

  #client(key: string) {
    const [namespace = "", name = ""] = key.split("/");
    return { client: this.#environment.client.resource<V1Endpoints>(endpointsResource, namespace), name };
  }

  async #remove(key: string): Promise<void> {
    this.#triggers.forget(key);
    const { client, name } = this.#client(key);
    await client.delete(name);
  }

  async #write(key: string, service: V1Service): Promise<void> {
    const { client, name } = this.#client(key);
    const pods = this.#services.podsOf(service);
    const wanted = endpointSubsets(service, pods);
    const trigger = this.#triggers.next(key, service, pods);
    const current = await client.get(name).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const labels = labelsOf(service);
    if (current !== undefined && isCurrent(current, labels, wanted)) return;
    const {
      [triggerTimeAnnotation]: _trigger,
      [overCapacity]: _over,
      ...others
    } = current?.metadata?.annotations ?? {};
    const annotations = {
      ...others,
      ...(trigger === undefined ? {} : { [triggerTimeAnnotation]: trigger }),
      ...(wanted.isTruncated ? { [overCapacity]: "truncated" } : {}),
    };
    const metadata = { ...current?.metadata, name, labels, annotations };
    const endpoints = { apiVersion: "v1", kind: "Endpoints", metadata, subsets: wanted.subsets };
    await (current === undefined ? client.create(endpoints) : client.update({ ...current, ...endpoints }));
  }
}

function labelsOf(service: V1Service): Record<string, string> {
  const { [headlessLabel]: _headless, ...own } = service.metadata?.labels ?? {};
  const headless = isHeadless(service) ? { [headlessLabel]: "" } : {};
  return { ...own, [managedByLabel]: "endpoint-controller", ...headless };
}

function isCurrent(current: V1Endpoints, labels: object, { subsets, isTruncated }: Subsets): boolean {
  const { metadata } = current;
  if (!equalJson(metadata?.labels ?? {}, labels) || !equalJson(current.subsets ?? [], subsets)) return false;
  return (metadata?.annotations?.[overCapacity] === "truncated") === isTruncated;
}
