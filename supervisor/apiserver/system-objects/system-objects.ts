import { systemFlowSchemas, systemPriorityLevels } from "../../api/flowcontrol/v1/bootstrap-objects.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { ResourceIndex } from "../resource-index.ts";
import type { Services } from "../services.ts";
import { type AuthenticationAuthorities, publishAuthenticationConfig } from "./authentication-config.ts";
import { ensureObject, type Manifest } from "./ensure-object.ts";
import { localApiServices } from "./local-api-services.ts";
import { systemPriorityClasses } from "./priority-classes.ts";
import { systemNamespaces } from "./system-namespaces.ts";

/** The accounts that Pods of the first namespaces run as, also where no controller runs that makes them. */
const systemAccounts: readonly Manifest[] = systemNamespaces.map((namespace) => ({
  metadata: { name: "default", namespace },
}));

interface SystemObjectsOptions extends Services {
  /** Nothing is published of them where they are absent. */
  readonly authorities?: AuthenticationAuthorities;
}

/** Creates what every cluster has beside its namespaces, where it is missing. */
export async function createSystemObjects(
  index: ResourceIndex,
  services: SystemObjectsOptions,
): Promise<void> {
  const { authorities } = services;
  const now = timestamp(services.clock.now());
  const flowcontrol = "flowcontrol.apiserver.k8s.io";
  const builtIn = index.groupVersions.filter(({ definitions }) =>
    definitions.some(({ custom }) => custom === undefined),
  );
  await Promise.all([
    ensureAll(index, services, "", "serviceaccounts", systemAccounts),
    ensureAll(index, services, "scheduling.k8s.io", "priorityclasses", systemPriorityClasses),
    ensureAll(index, services, flowcontrol, "prioritylevelconfigurations", systemPriorityLevels),
    ensureAll(index, services, flowcontrol, "flowschemas", systemFlowSchemas(now)),
    ensureAll(index, services, "apiregistration.k8s.io", "apiservices", localApiServices(builtIn)),
    authorities && publishAuthenticationConfig(index, services, authorities),
  ]);
}

async function ensureAll(
  index: ResourceIndex,
  services: Services,
  group: string,
  resource: string,
  manifests: readonly Manifest[],
): Promise<void> {
  const store = index.store(group, "v1", resource);
  if (store === undefined) return;
  await Promise.all(manifests.map((manifest) => ensureObject(store, services, manifest)));
}
