import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import { isConflict, isNotFound } from "../../supervisor/apimachinery/errors.ts";
import { timestamp } from "../../supervisor/base/timestamp.ts";
import { createInformer } from "../../supervisor/client/informer.ts";
import { resources } from "../../supervisor/client/resources.ts";
import type { KubernetesClient } from "../../supervisor/client/types.ts";

/**
 * Does to Pods what a kubelet would that has nothing to do: each is Ready as soon as it is there, and gone as soon as
 * it is to end. Those that `isStuck` names get nowhere. Runs until the signal.
 */
export async function playPods(
  client: KubernetesClient,
  signal: AbortSignal,
  isStuck: (pod: V1Pod) => boolean = () => false,
): Promise<void> {
  const informer = createInformer<V1Pod>(client, resources.pods);
  const play = async (pod: V1Pod): Promise<void> => {
    const { namespace = "", name = "", deletionTimestamp } = pod.metadata ?? {};
    const pods = client.resource<V1Pod>(resources.pods, namespace);
    if (deletionTimestamp !== undefined) return await pods.delete(name, { gracePeriodSeconds: 0 });
    if (isStuck(pod) || pod.status?.phase === "Running") return;
    const ready = { type: "Ready", status: "True", lastTransitionTime: timestamp(Date.now()) };
    const status = { phase: "Running", conditions: [ready] };
    await pods.patch(name, { status }, "application/strategic-merge-patch+json", "status");
  };
  const begin = (pod: V1Pod): void => {
    play(pod).catch((error) => {
      // It is gone, or the test is over.
      if (!isNotFound(error) && !isConflict(error) && !signal.aborted) throw error;
    });
  };
  informer.addHandlers({ onAdd: begin, onUpdate: begin });
  await informer.run(signal);
}
