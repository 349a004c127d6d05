import type { V1Node, V1Pod, V1PodCondition } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";

/** How long a Pod's Node may be missing before the Pod is taken for lost, as in kube-controller-manager. */
const quarantineMs = 40_000;

/** Fails and deletes Pods whose Node is gone for good (kube-controller-manager's pod garbage collector). */
export function podGcController(environment: ControllerEnvironment): Controller {
  const { client, informers, clock, logger } = environment;
  const nodes = informers.informer<V1Node>(resources.nodes);
  const pods = informers.informer<V1Pod>(resources.pods);
  pods.addIndexer("node", (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
  const queue = new WorkQueue({ name: "pod-gc", clock, logger });
  /** Since when each Node is missing. */
  const missingSince = new Map<string, number>();

  const check = async (name: string): Promise<WorkResult | undefined> => {
    const lost = pods.byIndex("node", name);
    if (nodes.get(name) !== undefined || lost.length === 0) {
      missingSince.delete(name);
      return undefined;
    }
    const since = missingSince.get(name) ?? clock.now();
    missingSince.set(name, since);
    const leftMs = since + quarantineMs - clock.now();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    // The informer may lag behind: the API server decides.
    if (await nodeExists(name)) return { requeueAfterMs: quarantineMs };
    for (const pod of lost) await collect(pod);
    return undefined;
  };

  const nodeExists = async (name: string): Promise<boolean> => {
    try {
      await client.resource<V1Node>(resources.nodes).get(name);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  };

  const collect = async (pod: V1Pod): Promise<void> => {
    const { namespace = "", name = "", uid } = pod.metadata ?? {};
    const podsOf = client.resource<V1Pod>(resources.pods, namespace);
    try {
      if (pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed") {
        const status = { phase: "Failed", conditions: withDisruption(pod, clock.now()) };
        const patch = { metadata: { uid }, status };
        await podsOf.patch(name, patch, "application/merge-patch+json", "status");
      }
      await podsOf.delete(name, { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { uid }) });
      logger.info("Deleted a Pod whose node is gone", { pod: objectKey(pod), node: pod.spec?.nodeName });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  return {
    name: "pod-garbage-collector-controller",
    async run(signal) {
      if (!(await waitForSync(signal, nodes, pods))) return;
      nodes.addHandlers({ onDelete: (node) => queue.add(node.metadata?.name ?? "") });
      pods.addHandlers({
        onAdd: (pod) => pod.spec?.nodeName && queue.add(pod.spec.nodeName),
        onUpdate: (pod, previous) => {
          const { nodeName } = pod.spec ?? {};
          if (nodeName && nodeName !== previous.spec?.nodeName) queue.add(nodeName);
        },
      });
      await queue.run(signal, 1, check);
    },
  };
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
