import type { V1Lease, V1Node } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import { createInformer } from "../../client/informer.ts";
import { resources } from "../../client/resources.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { correctedTaints } from "./node-taints.ts";
import { unknownConditions } from "./unknown-conditions.ts";

/** How long a kubelet may be silent (kube-controller-manager `--node-monitor-grace-period`). */
const gracePeriodMs = 40_000;

/**
 * Watches over the Nodes' heartbeats: one whose Lease and status stand still for the grace period, by this process'
 * own clock, becomes `Unknown`. Keeps the `NoSchedule` taints in step with the conditions and the cordon.
 */
export function nodeLifecycleController(environment: ControllerEnvironment): Controller {
  const { client, informers, clock, logger, recorder } = environment;
  const nodes = informers.informer<V1Node>(resources.nodes);
  const leases = createInformer<V1Lease>(
    client,
    resources.leases,
    { namespace: "kube-node-lease" },
    { clock, logger },
  );
  const nodeClient = client.resource<V1Node>(resources.nodes);
  const queue = new WorkQueue({ name: "node-lifecycle", clock, logger });
  /** When each Node was last heard of. */
  const heardAt = new Map<string, number>();

  const check = async (name: string): Promise<WorkResult | undefined> => {
    const node = nodes.get(name);
    if (node === undefined) {
      heardAt.delete(name);
      return undefined;
    }
    const since = heardAt.get(name) ?? clock.now();
    heardAt.set(name, since);
    const leftMs = since + gracePeriodMs - clock.now();
    try {
      const changed = leftMs <= 0 ? await markUnknown(node) : undefined;
      await correctTaints(changed ?? node);
    } catch (error) {
      // A change that came first brings the Node here again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
    return leftMs > 0 ? { requeueAfterMs: leftMs } : undefined;
  };

  const markUnknown = async (node: V1Node): Promise<V1Node | undefined> => {
    const now = timestamp(clock.now());
    const conditions = unknownConditions(node, now);
    if (conditions === undefined) return undefined;
    const { name = "" } = node.metadata ?? {};
    logger.warn("A node is silent", { node: name, seconds: gracePeriodMs / 1000 });
    const changed = await nodeClient.updateStatus({ ...node, status: { ...node.status, conditions } });
    recorder.event(node, "Normal", "NodeNotReady", `Node ${name} status is now: NodeNotReady`);
    return changed;
  };

  const correctTaints = async (node: V1Node): Promise<void> => {
    const taints = correctedTaints(node, timestamp(clock.now()));
    if (taints === undefined) return;
    const { name = "", resourceVersion } = node.metadata ?? {};
    const patch = { metadata: { resourceVersion }, spec: { taints } };
    await nodeClient.patch(name, patch, "application/merge-patch+json");
  };

  const hear = (name: string): void => {
    const wasSilent = !heardAt.has(name) || clock.now() - (heardAt.get(name) ?? 0) >= gracePeriodMs;
    heardAt.set(name, clock.now());
    // A Node that is heard of regularly has its timer already.
    if (wasSilent) queue.add(name);
  };

  return {
    name: "node-lifecycle-controller",
    async run(signal) {
      const stopped = leases.run(signal);
      nodes.addHandlers({
        onAdd: (node) => queue.add(node.metadata?.name ?? ""),
        onUpdate: (node, previous) => {
          if (isHeartbeat(node, previous)) hear(node.metadata?.name ?? "");
          queue.add(node.metadata?.name ?? "");
        },
        onDelete: (node) => queue.add(node.metadata?.name ?? ""),
      });
      leases.addHandlers({
        onAdd: (lease) => hear(lease.metadata?.name ?? ""),
        onUpdate: (lease, previous) => {
          if (lease.spec?.renewTime !== previous.spec?.renewTime) hear(lease.metadata?.name ?? "");
        },
      });
      if (await waitForSync(signal, nodes, leases)) await queue.run(signal, 1, check);
      await stopped;
    },
  };
}

/** Whether a kubelet has written the Ready condition; that it is Unknown is this controller's own writing. */
function isHeartbeat(node: V1Node, previous: V1Node): boolean {
  const [now, before] = [node, previous].map(({ status }) =>
    status?.conditions?.find(({ type }) => type === "Ready"),
  );
  if (now === undefined || now.status === "Unknown") return false;
  return now.status !== before?.status || now.lastHeartbeatTime !== before.lastHeartbeatTime;
}
