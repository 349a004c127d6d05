import { timestamp } from "../../base/timestamp.ts";
import type { NamespaceCache } from "../admission/namespace-lifecycle/namespace-cache.ts";
import { reconcilePolicy } from "../authorization/bootstrap-policy/reconcile-policy.ts";
import type { ResourceIndex } from "../resource-index.ts";
import type { Services } from "../services.ts";
import { ensureObject } from "./ensure-object.ts";
import { defaultServiceCidr } from "./kubernetes-service.ts";
import { createSystemNamespaces, keepSystemNamespaces } from "./system-namespaces.ts";

/** Makes what the server must find in the store before it follows it: namespaces, the Services' network, roles. */
export async function prepareCluster(
  index: ResourceIndex,
  namespaces: NamespaceCache,
  services: Services,
  serviceCidr: string,
): Promise<void> {
  const store = index.store("", "v1", "namespaces");
  if (store !== undefined) {
    await createSystemNamespaces(store, services);
    keepSystemNamespaces(namespaces, store, services);
  }
  const networks = index.store("networking.k8s.io", "v1", "servicecidrs");
  const now = timestamp(services.clock.now());
  if (networks !== undefined) {
    await ensureObject(networks, services, defaultServiceCidr(serviceCidr, now));
  }
  await reconcilePolicy(index, services);
}
