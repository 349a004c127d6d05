import type { V1ConfigMap, V1Secret } from "../../api/generated/types.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { createInformer } from "../../client/informer.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { detachedSignature } from "./detached-signature.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps" };
const namespace = "kube-public";
const name = "cluster-info";
const signaturePrefix = "jws-kubeconfig-";

/**
 * Keeps the ConfigMap `cluster-info`, by which those who join learn where the cluster is, with a signature for each
 * bootstrap token that is for it (kubernetes `pkg/controller/bootstrap/bootstrapsigner.go`; kubeadm makes the ConfigMap).
 */
export class BootstrapSigner implements Controller {
  readonly name = "bootstrap-signer-controller";
  readonly #environment: ControllerEnvironment;
  readonly #kubeconfig: string;
  readonly #info: Informer<V1ConfigMap>;
  readonly #secrets: Informer<V1Secret>;
  readonly #queue: WorkQueue;

  /** `kubeconfig` names the server and its CA, and no user. */
  constructor(environment: ControllerEnvironment, kubeconfig: string) {
    const { informers } = environment;
    this.#environment = environment;
    this.#kubeconfig = kubeconfig;
    const ofInfo = { namespace, fieldSelector: `metadata.name=${name}` };
    this.#info = createInformer<V1ConfigMap>(informers.client, configMaps, ofInfo, environment);
    const ofTokens = { namespace: "kube-system", fieldSelector: "type=bootstrap.kubernetes.io/token" };
    this.#secrets = createInformer<V1Secret>(informers.client, resources.secrets, ofTokens, environment);
    this.#queue = new WorkQueue({ name: "bootstrap-signer", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (): void => this.#queue.add(name);
    this.#info.addHandlers({ onAdd: add, onUpdate: add, onDelete: add });
    this.#secrets.addHandlers({ onAdd: add, onUpdate: add, onDelete: add });
    const stopped = Promise.all([this.#info.run(signal), this.#secrets.run(signal)]);
    if (await waitForSync(signal, this.#info, this.#secrets)) {
      add();
      await this.#queue.run(signal, 1, () => this.#sign());
    }
    await stopped;
  }

  async #sign(): Promise<void> {
    const known = this.#info.get(`${namespace}/${name}`);
    const kubeconfig = known?.data?.kubeconfig ?? this.#kubeconfig;
    const others = Object.entries(known?.data ?? {}).filter(([key]) => !key.startsWith(signaturePrefix));
    const data = { ...Object.fromEntries(others), kubeconfig, ...this.#signatures(kubeconfig) };
    if (known !== undefined && equalJson(known.data, data)) return;
    const client = this.#environment.client.resource<V1ConfigMap>(configMaps, namespace);
    const wanted = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { ...known?.metadata, name, namespace },
      data,
    };
    try {
      await (known === undefined ? client.create(wanted) : client.update(wanted));
    } catch (error) {
      // A change that came first brings the ConfigMap here again.
      if (!isConflict(error) && !isNotFound(error) && !isAlreadyExists(error)) throw error;
    }
  }

  #signatures(kubeconfig: string): Readonly<Record<string, string>> {
    const signatures: Record<string, string> = {};
    for (const secret of this.#secrets.list()) {
      const [id, text] = [field(secret, "token-id"), field(secret, "token-secret")];
      const isGood = id !== "" && text !== "" && secret.metadata?.name === `bootstrap-token-${id}`;
      const isLive = this.#isLive(field(secret, "expiration"));
      if (!isGood || !isLive || field(secret, "usage-bootstrap-signing") !== "true") continue;
      signatures[signaturePrefix + id] = detachedSignature(kubeconfig, id, text);
    }
    return signatures;
  }

  #isLive(expiration: string): boolean {
    return expiration === "" || Date.parse(expiration) > this.#environment.clock.now();
  }
}

function field(secret: V1Secret, key: string): string {
  return Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
}
