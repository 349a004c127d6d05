import type { V1Lease, V1Node } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import { createInformer } from "../../client/informer.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { correctedTaints } from "./node-taints.ts";
import { unknownConditions } from "./unknown-conditions.ts";

/** How long a kubelet may be silent (kube-controller-manager `--node-monitor-grace-period`). */
const gracePeriodMs = 50_000;

/**
 * Watches over the Nodes' heartbeats: one whose Lease and status stand still for the grace period, by this process'
 * own clock, becomes `Unknown`. Keeps the `NoSchedule` taints in step with the conditions and the cordon.
 */
export class NodeLifecycleController implements Controller {
  readonly name = "node-lifecycle-controller";
  readonly #environment: ControllerEnvironment;
  readonly #nodes: Informer<V1Node>;
  readonly #leases: Informer<V1Lease>;
  readonly #queue: WorkQueue;
  /** When each Node was last heard of. */
  readonly #heardAt = new Map<string, number>();

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#nodes = environment.informers.informer<V1Node>(resources.nodes);
    const selection = { namespace: "kube-node-lease" };
    this.#leases = createInformer<V1Lease>(
      environment.informers.client,
      resources.leases,
      selection,
      environment,
    );
    this.#queue = new WorkQueue({ name: "node-lifecycle", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const stopped = this.#leases.run(signal);
    this.#follow();
    if (await waitForSync(signal, this.#nodes, this.#leases)) {
      await this.#queue.run(signal, 1, (name) => this.#check(name));
    }
    await stopped;
  }

  #follow(): void {
    const add = (node: V1Node): void => this.#queue.add(node.metadata?.name ?? "");
    this.#nodes.addHandlers({
      onAdd: add,
      onUpdate: (node, previous) => {
        if (isHeartbeat(node, previous)) this.#hear(node.metadata?.name ?? "");
        add(node);
      },
      onDelete: add,
    });
    this.#leases.addHandlers({
      onAdd: (lease) => this.#hear(lease.metadata?.name ?? ""),
      onUpdate: (lease, previous) => {
        if (lease.spec?.renewTime !== previous.spec?.renewTime) this.#hear(lease.metadata?.name ?? "");
      },
    });
  }

  #hear(name: string): void {
    const before = this.#heardAt.get(name);
    const now = this.#environment.clock.now();
    this.#heardAt.set(name, now);
    // A Node that is heard of regularly has its timer already.
    if (before === undefined || now - before >= gracePeriodMs) this.#queue.add(name);
  }

  async #check(name: string): Promise<WorkResult | undefined> {
    const { clock } = this.#environment;
    const node = this.#nodes.get(name);
    if (node === undefined) {
      this.#heardAt.delete(name);
      return undefined;
    }
    const since = this.#heardAt.get(name) ?? clock.now();
    this.#heardAt.set(name, since);
    const leftMs = since + gracePeriodMs - clock.now();
    try {
      const changed = leftMs <= 0 ? await this.#markUnknown(node) : undefined;
      await this.#correctTaints(changed ?? node);
    } catch (error) {
      // A change that came first brings the Node here again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
    return leftMs > 0 ? { requeueAfterMs: leftMs } : undefined;
  }

  async #markUnknown(node: V1Node): Promise<V1Node | undefined> {
    const { client, clock, logger, recorder } = this.#environment;
    const conditions = unknownConditions(node, timestamp(clock.now()));
    if (conditions === undefined) return undefined;
    const { name = "" } = node.metadata ?? {};
    logger.warn("A node is silent", { node: name, seconds: gracePeriodMs / 1000 });
    const nodes = client.resource<V1Node>(resources.nodes);
    const changed = await nodes.updateStatus({ ...node, status: { ...node.status, conditions } });
    recorder.event(node, "Normal", "NodeNotReady", `Node ${name} status is now: NodeNotReady`);
    return changed;
  }

  async #correctTaints(node: V1Node): Promise<void> {
    const { client, clock } = this.#environment;
    const taints = correctedTaints(node, timestamp(clock.now()));
    if (taints === undefined) return;
    const { name = "", resourceVersion } = node.metadata ?? {};
    const patch = { metadata: { resourceVersion }, spec: { taints } };
    await client.resource<V1Node>(resources.nodes).patch(name, patch, "application/merge-patch+json");
  }
}

/** Whether a kubelet has written the Ready condition; that it is Unknown is this controller's own writing. */
function isHeartbeat(node: V1Node, previous: V1Node): boolean {
  const [now, before] = [node, previous].map(({ status }) =>
    status?.conditions?.find(({ type }) => type === "Ready"),
  );
  if (now === undefined || now.status === "Unknown") return false;
  return now.status !== before?.status || now.lastHeartbeatTime !== before.lastHeartbeatTime;
}
