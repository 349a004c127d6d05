/**
 * Makes the roles and bindings that every cluster has, and adds what has gone from them; what was added to them stays
 * (kubernetes `pkg/registry/rbac/rest/storage_rbac.go`, `component-helpers/auth/rbac/reconciliation`).
 */
import type { V1ClusterRole, V1ObjectMeta, V1RoleBinding } from "../../../api/generated/types.ts";
import { isAlreadyExists, isNotFound } from "../../../apimachinery/errors.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { timestamp } from "../../../base/timestamp.ts";
import type { ResourceIndex } from "../../resource-index.ts";
import type { Services } from "../../services.ts";
import type { ObjectStore } from "../../storage/object-store.ts";
import { breakDown, covers } from "../rbac/policy-rule.ts";
import { autoUpdateAnnotation, policyObjects, rbacGroup } from "./policy-objects.ts";

/** A role as every cluster has it; those of namespaces have no aggregation. */
type Role = Pick<V1ClusterRole, "metadata" | "rules" | "aggregationRule">;
type Binding = Pick<V1RoleBinding, "metadata" | "roleRef" | "subjects">;
type Wanted = { readonly metadata?: V1ObjectMeta };

/** What is to become of an object that is there; the same one where it is good. */
type Reconcile<T extends Wanted> = (existing: T, wanted: T) => T | "recreate";

export async function reconcilePolicy(index: ResourceIndex, services: Services): Promise<void> {
  const { clusterRoles, clusterRoleBindings, roles, roleBindings } = policyObjects();
  const all = <T extends Wanted>(resource: string, objects: readonly T[], reconcile: Reconcile<T>) => {
    const store = index.store(rbacGroup, "v1", resource);
    if (store === undefined) throw new RangeError(`The API has no ${resource}`);
    return objects.map((object) => ensure(store, services, object, reconcile));
  };
  // All at once: they share a transaction.
  await Promise.all([
    ...all("clusterroles", clusterRoles, reconcileRole),
    ...all("roles", roles, reconcileRole),
    ...all("clusterrolebindings", clusterRoleBindings, reconcileBinding),
    ...all("rolebindings", roleBindings, reconcileBinding),
  ]);
}

async function ensure<T extends Wanted>(
  store: ObjectStore,
  services: Services,
  wanted: T,
  reconcile: Reconcile<T>,
): Promise<void> {
  const { name = "", namespace = "" } = wanted.metadata ?? {};
  const create = () => store.create(namespace, made(store, services, wanted), false);
  try {
    await store.update(namespace, name, false, (stored) => {
      // What is stored under a resource's key is of its kind.
      const existing = store.codec.decode(stored) as unknown as T;
      const object = existing as unknown as ApiObject;
      if (existing.metadata?.annotations?.[autoUpdateAnnotation] === "false")
        return { action: "store", object };
      const result = reconcile(existing, wanted);
      if (result === "recreate") return { action: "store", object: made(store, services, wanted) };
      const { metadata } = object;
      metadata.labels = { ...wanted.metadata?.labels, ...metadata.labels };
      metadata.annotations = { ...wanted.metadata?.annotations, ...metadata.annotations };
      return { action: "store", object: { ...object, ...result, metadata } };
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await create().catch((conflict: unknown) => {
      if (!isAlreadyExists(conflict)) throw conflict;
    });
  }
}

function made(store: ObjectStore, services: Services, wanted: Wanted): ApiObject {
  const { kind, group, version } = store.definition;
  const { name, namespace, labels, annotations } = wanted.metadata ?? {};
  const metadata = {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    uid: services.uid(),
    creationTimestamp: timestamp(services.clock.now()),
    labels: { ...labels },
    annotations: { ...annotations },
  };
  return { ...wanted, kind, apiVersion: `${group}/${version}`, metadata };
}

/** Adds the rules and aggregations that are missing. */
function reconcileRole<T extends Role>(existing: T, wanted: T): T {
  const owned = existing.rules ?? [];
  if (wanted.aggregationRule !== undefined) {
    const known = existing.aggregationRule?.clusterRoleSelectors ?? [];
    const asked = wanted.aggregationRule.clusterRoleSelectors ?? [];
    const missing = asked.filter((selector) => !known.some((other) => equalJson(other, selector)));
    if (missing.length === 0) return existing;
    return { ...existing, aggregationRule: { clusterRoleSelectors: [...known, ...missing] } };
  }
  const missing = (wanted.rules ?? []).filter(
    (rule) => !breakDown(rule).every((right) => owned.some((rule) => covers(rule, right))),
  );
  return missing.length === 0 ? existing : { ...existing, rules: [...owned, ...missing] };
}

/** Adds the subjects that are missing; a binding of another role is made anew. */
function reconcileBinding<T extends Binding>(existing: T, wanted: T): T | "recreate" {
  if (!equalJson(existing.roleRef, wanted.roleRef)) return "recreate";
  const known = existing.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter(
    (subject) => !known.some((other) => equalJson(other, subject)),
  );
  return missing.length === 0 ? existing : { ...existing, subjects: [...known, ...missing] };
}
