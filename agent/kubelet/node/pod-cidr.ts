import type { V1Node } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import { createInformer } from "../../../supervisor/client/informer.ts";
import type { KubernetesClient } from "../../../supervisor/client/types.ts";

/** Waits until a controller has given the node a range for its Pods. Rejects with the signal's reason. */
export async function waitForPodCidr(
  client: KubernetesClient,
  nodeName: string,
  environment: { readonly clock: Clock; readonly logger: Logger },
  signal: AbortSignal,
): Promise<string> {
  const found = new AbortController();
  const informer = createInformer<V1Node>(
    client,
    { group: "", version: "v1", resource: "nodes" },
    { fieldSelector: `metadata.name=${nodeName}` },
    environment,
  );
  let podCidr: string | undefined;
  const look = (node: V1Node): void => {
    podCidr ??= node.spec?.podCIDR;
    if (podCidr !== undefined) found.abort();
  };
  informer.addHandlers({ onAdd: look, onUpdate: look });
  await informer.run(AbortSignal.any([signal, found.signal]));
  signal.throwIfAborted();
  if (podCidr === undefined) throw new Error(`Node ${nodeName} has no podCIDR`);
  return podCidr;
}
