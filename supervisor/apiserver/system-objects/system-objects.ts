import { systemFlowSchemas, systemPriorityLevels } from "../../api/flowcontrol/v1/bootstrap-objects.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { ResourceIndex } from "../resource-index.ts";
import type { Services } from "../services.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { type AuthenticationAuthorities, publishAuthenticationConfig } from "./authentication-config.ts";
import { ensureObject, type Manifest } from "./ensure-object.ts";
import type { KeptObjects } from "./kept-objects.ts";
import { localApiServices } from "./local-api-services.ts";
import { systemPriorityClasses } from "./priority-classes.ts";
import { systemRuntimeClasses } from "./runtime-classes.ts";
import { systemNamespaces } from "./system-namespaces.ts";

/** The accounts that Pods of the first namespaces run as, also where no controller runs that makes them. */
const systemAccounts: readonly Manifest[] = systemNamespaces.map((namespace) => ({
  metadata: { name: "default", namespace },
}));

interface SystemObjectsOptions extends Services {
  /** Nothing is published of them where they are absent. */
  readonly authorities?: AuthenticationAuthorities;
}

/** Creates what every cluster has beside its namespaces, where it is missing, and sees to it that it stays. */
export async function createSystemObjects(
  index: ResourceIndex,
  services: SystemObjectsOptions,
  kept: KeptObjects,
): Promise<void> {
  const { authorities } = services;
  const now = timestamp(services.clock.now());
  const flowcontrol = "flowcontrol.apiserver.k8s.io";
  const builtIn = index.groupVersions.filter(({ definitions }) =>
    definitions.some(({ custom }) => custom === undefined),
  );
  await Promise.all([
    ...systemAccounts.map((account) => ensureIn(index.store("", "v1", "serviceaccounts"), services, account)),
    kept.ensure(index.store("scheduling.k8s.io", "v1", "priorityclasses"), systemPriorityClasses),
    kept.ensure(index.store("node.k8s.io", "v1", "runtimeclasses"), systemRuntimeClasses),
    kept.ensure(index.store(flowcontrol, "v1", "prioritylevelconfigurations"), systemPriorityLevels),
    kept.ensure(index.store(flowcontrol, "v1", "flowschemas"), systemFlowSchemas(now)),
    kept.ensure(index.store("apiregistration.k8s.io", "v1", "apiservices"), localApiServices(builtIn)),
    authorities && publishAuthenticationConfig(index, services, authorities),
  ]);
}

async function ensureIn(
  store: ObjectStore | undefined,
  services: Services,
  manifest: Manifest,
): Promise<void> {
  if (store !== undefined) await ensureObject(store, services, manifest);
}
