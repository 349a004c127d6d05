import type { V1Namespace, V1Pod } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import { discoverResources } from "../../client/discovery.ts";
import { resources } from "../../client/resources.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { type DeletionState, deletionConditions } from "./namespace-conditions.ts";
import { deleteNamespacedContent, type RemainingContent } from "./namespaced-content.ts";

/** How long to wait before looking again at content that is there for another reason than a Pod's grace period. */
const lookAgainMs = 5_000;

/** Empties namespaces that are being deleted, then lets them go (kube-controller-manager's namespace controller). */
export function namespaceController(environment: ControllerEnvironment): Controller {
  const { client, informers, clock, logger } = environment;
  const informer = informers.informer<V1Namespace>(resources.namespaces);
  const pods = informers.informer<V1Pod>(resources.pods);
  const namespaces = client.resource<V1Namespace>(resources.namespaces);
  const queue = new WorkQueue({ name: "namespace", clock, logger, initialDelayMs: 100, maxDelayMs: 60_000 });
  informer.addHandlers({
    onAdd: (namespace) => queue.add(namespace.metadata?.name ?? ""),
    onUpdate: (namespace) => queue.add(namespace.metadata?.name ?? ""),
  });
  // What a deletion waits for most is the Pods' ends.
  pods.addHandlers({
    onDelete: ({ metadata }) => {
      const name = metadata?.namespace ?? "";
      if (isTerminating(informer.get(name))) queue.add(name);
    },
  });

  const empty = async (name: string): Promise<DeletionState> => {
    const discovery = await discoverResources(client.transport);
    const remaining: RemainingContent[] = [];
    const contentFailures: string[] = [];
    for (const resource of discovery.resources) {
      if (!resource.namespaced || !resource.verbs.includes("delete") || !resource.verbs.includes("list"))
        continue;
      try {
        const left = await deleteNamespacedContent(client, resource, name);
        if (left.objects.length > 0) remaining.push(left);
      } catch (error) {
        contentFailures.push(
          `${resource.resource}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    const discoveryFailures = [...discovery.failures].map(([path, error]) => `${path}: ${error.message}`);
    return { discoveryFailures, contentFailures, remaining };
  };

  const finalize = async (name: string): Promise<void> => {
    const namespace = await namespaces.get(name);
    const finalizers = (namespace.spec?.finalizers ?? []).filter((one) => one !== "kubernetes");
    await namespaces.updateSubresource({ ...namespace, spec: { ...namespace.spec, finalizers } }, "finalize");
  };

  const handle = async (name: string): Promise<WorkResult | undefined> => {
    const namespace = informer.get(name);
    if (namespace === undefined || !isTerminating(namespace)) return undefined;
    if (!namespace.spec?.finalizers?.includes("kubernetes")) return undefined;
    try {
      const state = await empty(name);
      const { remaining, contentFailures, discoveryFailures } = state;
      await report(name, state);
      if (contentFailures.length + discoveryFailures.length > 0) {
        throw new Error([...discoveryFailures, ...contentFailures].join("; "));
      }
      if (remaining.length > 0) return waitFor(remaining);
      await finalize(name);
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
      // Changed meanwhile: look again at what it is now. Not found: it is gone.
      if (isConflict(error)) return { requeueAfterMs: 0 };
    }
    return undefined;
  };

  const report = async (name: string, state: DeletionState): Promise<void> => {
    const namespace = await namespaces.get(name);
    const current = namespace.status?.conditions ?? [];
    const conditions = deletionConditions(current, state, timestamp(clock.now()));
    if (JSON.stringify(conditions) === JSON.stringify(current)) return;
    // An empty namespace goes at once: nobody would read its conditions.
    if (state.remaining.length === 0 && state.contentFailures.length === 0 && current.length === 0) return;
    await namespaces.updateStatus({ ...namespace, status: { ...namespace.status, conditions } });
  };

  return {
    name: "namespace-controller",
    async run(signal) {
      if (await waitForSync(signal, informer, pods)) await queue.run(signal, 4, handle);
    },
  };
}

function isTerminating(namespace: V1Namespace | undefined): boolean {
  return namespace?.metadata?.deletionTimestamp !== undefined;
}

/** Pods tell of their end themselves; other content is looked at again. */
function waitFor(remaining: readonly RemainingContent[]): WorkResult | undefined {
  const onlyPods = remaining.every(({ resource }) => resource.group === "" && resource.resource === "pods");
  return onlyPods ? undefined : { requeueAfterMs: lookAgainMs };
}
