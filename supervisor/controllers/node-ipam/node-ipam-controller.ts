import type { V1Node } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { CidrAllocator } from "./cidr-allocator.ts";

/** The size of a node's network, as kube-controller-manager's `--node-cidr-mask-size` has it by default. */
const nodePrefix = 24;

export interface NodeIpamOptions {
  /** The network that all Pods are in: `--cluster-cidr`. Throws where it is none. */
  readonly clusterCidr: string;
}

/** Gives each Node its `spec.podCIDR`: one that no other Node has, kept for its life and free after it. */
export function nodeIpamController(environment: ControllerEnvironment, options: NodeIpamOptions): Controller {
  const { client, informers, clock, logger, recorder } = environment;
  const allocator = new CidrAllocator(options.clusterCidr, nodePrefix);
  const nodes = informers.informer<V1Node>(resources.nodes);
  /** What each Node has, also what was given to it and is not yet seen in the informer. */
  const given = new Map<string, string>();
  const queue = new WorkQueue({ name: "node-ipam", clock, logger });

  const note = (node: V1Node): void => {
    const name = node.metadata?.name ?? "";
    const cidr = node.spec?.podCIDR;
    if (cidr === undefined || given.get(name) === cidr) return;
    if (!allocator.occupy(cidr))
      logger.warn("A node's pod CIDR is not free in the cluster's", { node: name, cidr });
    given.set(name, cidr);
  };

  const forget = (name: string): void => {
    const cidr = given.get(name);
    if (cidr === undefined) return;
    given.delete(name);
    allocator.release(cidr);
    // Somebody may wait for a free network.
    for (const node of nodes.list())
      if (node.spec?.podCIDR === undefined) queue.add(node.metadata?.name ?? "");
  };

  const assign = async (name: string): Promise<void> => {
    const node = nodes.get(name);
    if (node === undefined) return forget(name);
    note(node);
    if (node.spec?.podCIDR !== undefined) return;
    const cidr = given.get(name) ?? allocator.allocate();
    if (cidr === undefined) {
      recorder.event(node, "Warning", "CIDRNotAvailable", `Node ${name} status is now: CIDRNotAvailable`);
      return;
    }
    given.set(name, cidr);
    const patch = { metadata: { uid: node.metadata?.uid }, spec: { podCIDR: cidr, podCIDRs: [cidr] } };
    try {
      await client.resource<V1Node>(resources.nodes).patch(name, patch, "application/merge-patch+json");
    } catch (error) {
      if (!isNotFound(error)) throw error;
      forget(name);
    }
  };

  return {
    name: "node-ipam-controller",
    async run(signal) {
      if (!(await waitForSync(signal, nodes))) return;
      // What exists is taken before anything is given.
      for (const node of nodes.list()) note(node);
      nodes.addHandlers({
        onAdd: (node) => queue.add(node.metadata?.name ?? ""),
        onUpdate: (node) => queue.add(node.metadata?.name ?? ""),
        onDelete: (node) => queue.add(node.metadata?.name ?? ""),
      });
      await queue.run(signal, 1, assign);
    },
  };
}
