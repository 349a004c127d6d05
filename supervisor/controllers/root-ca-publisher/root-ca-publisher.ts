import type { V1ConfigMap, V1Namespace } from "../../api/generated/types.ts";
import { isAlreadyExists, isForbidden, isNotFound } from "../../apimachinery/errors.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { createInformer } from "../../client/informer.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps" };
const name = "kube-root-ca.crt";
const annotations = {
  "kubernetes.io/description":
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
};

/** Keeps a ConfigMap with the cluster's CA in every namespace, for Pods (kubernetes `pkg/controller/certificates/rootcacertpublisher`). */
export class RootCaPublisher implements Controller {
  readonly name = "root-ca-certificate-publisher-controller";
  readonly #environment: ControllerEnvironment;
  readonly #data: Readonly<Record<string, string>>;
  readonly #namespaces: Informer<V1Namespace>;
  readonly #configMaps: Informer<V1ConfigMap>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment, caPem: string) {
    const { informers } = environment;
    this.#environment = environment;
    this.#data = { "ca.crt": caPem };
    this.#namespaces = informers.informer<V1Namespace>(resources.namespaces);
    const selection = { fieldSelector: `metadata.name=${name}` };
    this.#configMaps = createInformer<V1ConfigMap>(informers.client, configMaps, selection, environment);
    this.#queue = new WorkQueue({ name: "root-ca-publisher", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (namespace: V1Namespace): void => this.#queue.add(namespace.metadata?.name ?? "");
    const addOf = (map: V1ConfigMap): void => this.#queue.add(map.metadata?.namespace ?? "");
    this.#namespaces.addHandlers({ onAdd: add, onUpdate: add });
    this.#configMaps.addHandlers({ onUpdate: addOf, onDelete: addOf });
    const stopped = this.#configMaps.run(signal);
    if (await waitForSync(signal, this.#namespaces, this.#configMaps)) {
      await this.#queue.run(signal, 2, (namespace) => this.#publish(namespace));
    }
    await stopped;
  }

  async #publish(namespace: string): Promise<void> {
    const { metadata } = this.#namespaces.get(namespace) ?? {};
    if (metadata === undefined || metadata.deletionTimestamp !== undefined) return;
    const known = this.#configMaps.get(`${namespace}/${name}`);
    const isGood =
      equalJson(known?.data, this.#data) &&
      Object.entries(annotations).every(([key, value]) => known?.metadata?.annotations?.[key] === value);
    if (known !== undefined && isGood) return;
    const client = this.#environment.client.resource<V1ConfigMap>(configMaps, namespace);
    const wanted = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        ...known?.metadata,
        name,
        namespace,
        annotations: { ...known?.metadata?.annotations, ...annotations },
      },
      data: this.#data,
    };
    try {
      await (known === undefined ? client.create(wanted) : client.update(wanted));
    } catch (error) {
      // Somebody else made it, or the namespace is on its way out (which the API server forbids or does not find).
      if (!isAlreadyExists(error) && !isForbidden(error) && !isNotFound(error)) throw error;
    }
  }
}
