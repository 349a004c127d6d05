import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { newForbidden, newNotFound } from "../../../apimachinery/status-errors.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { NamespaceCache } from "./namespace-cache.ts";

/** Namespaces that every cluster has. */
const immortal: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

/** Nothing is created in a namespace that is absent or going away (kubernetes `plugin/namespace/lifecycle`). */
export function namespaceLifecycle(namespaces: NamespaceCache): AdmissionPlugin {
  return {
    name: "NamespaceLifecycle",
    admit(request) {
      const { definition, groupResource } = request.context.store;
      if (definition.resource === "namespaces" && definition.group === "") return refuseImmortal(request);
      if (!definition.namespaced || request.operation !== "CREATE") return;
      // A question about rights in a namespace makes nothing there.
      if (definition.resource === "localsubjectaccessreviews") return;
      const { namespace } = request.context.info;
      const cached = namespaces.cached(namespace);
      if (cached === "Active") return;
      return refuseInactive(namespaces, namespace, groupResource, request.object);
    },
  };
}

function refuseImmortal({ operation, context, old }: AdmissionRequest): void {
  const { name = "" } = old?.metadata ?? {};
  if (operation !== "DELETE" || !immortal.has(name)) return;
  throw newForbidden(context.store.groupResource, name, "this namespace may not be deleted");
}

async function refuseInactive(
  namespaces: NamespaceCache,
  namespace: string,
  resource: { readonly group: string; readonly resource: string },
  object: ApiObject | undefined,
): Promise<void> {
  const phase = await namespaces.phase(namespace);
  if (phase === "Active") return;
  if (phase === undefined) throw newNotFound({ group: "", resource: "namespaces" }, namespace);
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  throw newForbidden(resource, object?.metadata.name ?? "", why, [cause]);
}
