import type { V1Node } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { CidrAllocator } from "./cidr-allocator.ts";

/** The size of a node's network, as kube-controller-manager's `--node-cidr-mask-size` has it by default. */
const nodePrefix = 24;

/** Gives each Node its `spec.podCIDR`: one that no other Node has, kept for its life and free after it. */
export class NodeIpamController implements Controller {
  readonly name = "node-ipam-controller";
  readonly #environment: ControllerEnvironment;
  readonly #allocator: CidrAllocator;
  readonly #nodes: Informer<V1Node>;
  /** What each Node has, also what was given to it and is not yet seen in the informer. */
  readonly #given = new Map<string, string>();
  readonly #queue: WorkQueue;

  /** `clusterCidr` is the network that all Pods are in. Throws where it is none. */
  constructor(environment: ControllerEnvironment, clusterCidr: string) {
    this.#environment = environment;
    this.#allocator = new CidrAllocator(clusterCidr, nodePrefix);
    this.#nodes = environment.informers.informer<V1Node>(resources.nodes);
    this.#queue = new WorkQueue({ name: "node-ipam", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!(await waitForSync(signal, this.#nodes))) return;
    // What exists is taken before anything is given.
    for (const node of this.#nodes.list()) this.#note(node);
    const add = (node: V1Node): void => this.#queue.add(node.metadata?.name ?? "");
    this.#nodes.addHandlers({ onAdd: add, onUpdate: add, onDelete: add });
    await this.#queue.run(signal, 1, (name) => this.#assign(name));
  }

  #note(node: V1Node): void {
    const name = node.metadata?.name ?? "";
    const cidr = node.spec?.podCIDR;
    if (cidr === undefined || this.#given.get(name) === cidr) return;
    if (!this.#allocator.occupy(cidr)) {
      this.#environment.logger.warn("A node's pod CIDR is not free in the cluster's", { node: name, cidr });
    }
    this.#given.set(name, cidr);
  }

  #forget(name: string): void {
    const cidr = this.#given.get(name);
    if (cidr === undefined) return;
    this.#given.delete(name);
    this.#allocator.release(cidr);
    // Somebody may wait for a free network.
    const waiting = this.#nodes.list().filter((node) => node.spec?.podCIDR === undefined);
    for (const node of waiting) this.#queue.add(node.metadata?.name ?? "");
  }

  async #assign(name: string): Promise<void> {
    const node = this.#nodes.get(name);
    if (node === undefined) {
      this.#forget(name);
      return;
    }
    this.#note(node);
    if (node.spec?.podCIDR !== undefined) return;
    const cidr = this.#given.get(name) ?? this.#allocator.allocate();
    if (cidr === undefined) {
      const message = `Node ${name} status is now: CIDRNotAvailable`;
      this.#environment.recorder.event(node, "Warning", "CIDRNotAvailable", message);
      return;
    }
    this.#given.set(name, cidr);
    const patch = { metadata: { uid: node.metadata?.uid }, spec: { podCIDR: cidr, podCIDRs: [cidr] } };
    try {
      const nodes = this.#environment.client.resource<V1Node>(resources.nodes);
      await nodes.patch(name, patch, "application/merge-patch+json");
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#forget(name);
    }
  }
}
