import { isAlreadyExists } from "../../apimachinery/errors.ts";
import { asError } from "../../base/errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { StrategyContext } from "../../registry/resource-definition.ts";
import type { NamespaceCache } from "../admission/namespace-lifecycle/namespace-cache.ts";
import type { Services } from "../services.ts";
import type { ObjectStore } from "../storage/object-store.ts";

export const systemNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Creates a namespace that every cluster has again whenever it goes. */
export function keepSystemNamespaces(
  namespaces: NamespaceCache,
  store: ObjectStore,
  services: Services,
): void {
  namespaces.onGone((name) => {
    if (!systemNamespaces.includes(name)) return;
    createNamespace(store, services, name).catch((error: unknown) => {
      const cause = asError(error);
      services.logger.error("Cannot create a namespace of the system again", {
        namespace: name,
        error: cause,
      });
    });
  });
}

/** Creates the namespaces that every cluster has, where they are missing. */
export async function createSystemNamespaces(store: ObjectStore, services: Services): Promise<void> {
  await Promise.all(systemNamespaces.map((name) => createNamespace(store, services, name)));
}

async function createNamespace(store: ObjectStore, services: Services, name: string): Promise<void> {
  if ((await store.backend.get(store.key("", name))) !== undefined) return;
  const now = timestamp(services.clock.now());
  const metadata = { name, uid: services.uid(), creationTimestamp: now };
  const object = { kind: "Namespace", apiVersion: "v1", metadata };
  const context: StrategyContext = { user: { name: "system:apiserver", groups: ["system:masters"] }, now };
  store.definition.strategy.prepareForCreate?.(object, context);
  try {
    await store.create("", object, false);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
