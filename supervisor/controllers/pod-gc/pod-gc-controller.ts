import type { V1Node, V1Pod, V1PodCondition } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { nodeExists } from "../node-exists.ts";

/** How long a Pod's Node may be missing before the Pod is taken for lost, as in kube-controller-manager. */
const quarantineMs = 40_000;

/** Fails and deletes Pods whose Node is gone for good (kube-controller-manager's pod garbage collector). */
export class PodGcController implements Controller {
  readonly name = "pod-garbage-collector-controller";
  readonly #environment: ControllerEnvironment;
  readonly #nodes: Informer<V1Node>;
  readonly #pods: Informer<V1Pod>;
  /** Of names of Nodes. */
  readonly #queue: WorkQueue;
  /** Since when each Node is missing. */
  readonly #missingSince = new Map<string, number>();

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#nodes = environment.informers.informer<V1Node>(resources.nodes);
    this.#pods = environment.informers.informer<V1Pod>(resources.pods);
    this.#pods.addIndexer("node", (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    this.#queue = new WorkQueue({ name: "pod-gc", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!(await waitForSync(signal, this.#nodes, this.#pods))) return;
    this.#nodes.addHandlers({ onDelete: (node) => this.#queue.add(node.metadata?.name ?? "") });
    this.#pods.addHandlers({
      onAdd: (pod) => this.#notePlace(pod.spec?.nodeName, undefined),
      onUpdate: (pod, previous) => this.#notePlace(pod.spec?.nodeName, previous.spec?.nodeName),
    });
    await this.#queue.run(signal, 1, (name) => this.#check(name));
  }

  #notePlace(nodeName: string | undefined, previous: string | undefined): void {
    if (nodeName && nodeName !== previous) this.#queue.add(nodeName);
  }

  async #check(nodeName: string): Promise<WorkResult | undefined> {
    const { client, clock } = this.#environment;
    const lost = this.#pods.byIndex("node", nodeName);
    if (this.#nodes.get(nodeName) !== undefined || lost.length === 0) {
      this.#missingSince.delete(nodeName);
      return undefined;
    }
    const since = this.#missingSince.get(nodeName) ?? clock.now();
    this.#missingSince.set(nodeName, since);
    const leftMs = since + quarantineMs - clock.now();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    // The informer may lag behind: the API server decides.
    if (await nodeExists(client, nodeName)) return { requeueAfterMs: quarantineMs };
    for (const pod of lost) await this.#collect(pod);
    return undefined;
  }

  async #collect(pod: V1Pod): Promise<void> {
    const { client, clock, logger } = this.#environment;
    const { namespace = "", name = "", uid } = pod.metadata ?? {};
    const pods = client.resource<V1Pod>(resources.pods, namespace);
    try {
      if (pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed") {
        const status = { phase: "Failed", conditions: withDisruption(pod, clock.now()) };
        await pods.patch(name, { metadata: { uid }, status }, "application/merge-patch+json", "status");
      }
      await pods.delete(name, { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { uid }) });
      logger.info("Deleted a Pod whose node is gone", { pod: objectKey(pod), node: pod.spec?.nodeName });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** The Pod's conditions with the one that says why it was ended (`DisruptionTarget`). */
function withDisruption(pod: V1Pod, nowMs: number): readonly V1PodCondition[] {
  const others = (pod.status?.conditions ?? []).filter((condition) => condition.type !== "DisruptionTarget");
  const disruption = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByPodGC",
    message: "PodGC: node no longer exists",
    lastTransitionTime: timestamp(nowMs),
  };
  return [...others, disruption];
}
