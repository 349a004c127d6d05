/** Nobody writes roles and bindings that give more than he has (kubernetes `pkg/registry/rbac/…/policybased`). */
import type { V1ClusterRole, V1RoleBinding } from "../../api/generated/types.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newForbidden, newNotFound } from "../../apimachinery/status-errors.ts";
import type { Authorization } from "../authorization/authorization.ts";
import { isSuperuser } from "../authorization/authorizer.ts";
import { rbacGroup } from "../authorization/bootstrap-policy/policy-objects.ts";
import { escalation, fullAuthority } from "../authorization/rbac/escalation.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

type Checked = AdmissionRequest & { readonly object: ApiObject };

export function escalationCheck(authorization: Authorization): AdmissionPlugin {
  return {
    name: "RBACEscalation",
    admit(request) {
      const { context, operation, object, old } = request;
      if (context.store.definition.group !== rbacGroup || object === undefined) return;
      if (isSuperuser(context.user) || (operation !== "CREATE" && operation !== "UPDATE")) return;
      if (old !== undefined && changesOwnershipOnly(object, old)) return;
      const checked = { ...request, object };
      if (context.store.definition.kind.endsWith("Binding")) checkBinding(authorization, checked);
      else checkRole(authorization, checked);
    },
  };
}

/** Whether a change is one that the garbage collector makes, who owns no rights. */
function changesOwnershipOnly(object: ApiObject, old: ApiObject): boolean {
  const rest = ({ metadata, ...fields }: ApiObject) => {
    const {
      ownerReferences: _owners,
      finalizers: _finalizers,
      resourceVersion: _version,
      ...others
    } = metadata;
    return { ...fields, metadata: { ...others, managedFields: undefined } };
  };
  return equalJson(rest(object), rest(old));
}

function refuse({ context, object }: Checked, why: string): Error {
  return newForbidden(context.store.groupResource, object.metadata.name ?? "", why);
}

function checkRole(authorization: Authorization, request: Checked): void {
  const { context, object, old } = request;
  const { user, info } = context;
  const asked = { ...info, verb: "escalate" };
  if (authorization.authorizer.authorize(user, asked).decision === "allow") return;
  // Decoding made these roles; those of namespaces have no aggregation.
  const role = object as unknown as V1ClusterRole;
  const oldRole = old as unknown as V1ClusterRole | undefined;
  const why = escalation(authorization.roles, user, info.namespace, role.rules ?? []);
  if (why !== undefined) throw refuse(request, why);
  if (!aggregates(role) && (oldRole === undefined || !aggregates(oldRole))) return;
  // An aggregation can gather anything: it takes all there is.
  if (escalation(authorization.roles, user, "", fullAuthority) === undefined) return;
  throw refuse(request, "must have cluster-admin privileges to use the aggregationRule");
}

function aggregates({ aggregationRule }: V1ClusterRole): boolean {
  return (aggregationRule?.clusterRoleSelectors ?? []).length > 0;
}

function checkBinding(authorization: Authorization, request: Checked): void {
  const { context, object } = request;
  const { user, info } = context;
  // Decoding made this a binding.
  const { roleRef } = object as unknown as V1RoleBinding;
  if (roleRef === undefined) return;
  const resource = roleRef.kind === "ClusterRole" ? "clusterroles" : "roles";
  const asked = { ...info, verb: "bind", group: rbacGroup, resource, subresource: "", name: roleRef.name };
  if (authorization.authorizer.authorize(user, asked).decision === "allow") return;
  const rules = authorization.roles.rules(roleRef, info.namespace);
  if (rules === undefined) throw newNotFound({ group: rbacGroup, resource }, roleRef.name);
  const given = rules.map(({ rule }) => rule);
  const why = escalation(authorization.roles, user, info.namespace, given);
  if (why !== undefined) throw refuse(request, why);
}
