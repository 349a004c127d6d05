import type { RbacV1Subject, V1ClusterRole, V1Role, V1RoleBinding } from "../../api/generated/types.ts";
import {
  setBindingDefaults,
  validateBinding,
  validateBindingUpdate,
  validateClusterRole,
  validateRole,
} from "../../api/rbac/v1/rbac-validation.ts";
import { checkPathSegment } from "../../apimachinery/validation/path-segment.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, ResourceStrategy, Typed } from "../resource-definition.ts";
import { ageColumn, column, type TableDefinition, tableOf } from "../table.ts";

type Binding = Typed<V1RoleBinding>;

const group = "rbac.authorization.k8s.io";
const strategy = { checkName: checkPathSegment, allowCreateOnUpdate: true };

const roleDefinition = defineResource({
  group,
  resource: "roles",
  kind: "Role",
  namespaced: true,
  strategy: {
    ...strategy,
    validate: (role: Typed<V1Role>) => validateRole(role),
    validateUpdate: (role: Typed<V1Role>) => validateRole(role),
  },
});

const clusterRoleDefinition = defineResource({
  group,
  resource: "clusterroles",
  kind: "ClusterRole",
  namespaced: false,
  strategy: {
    ...strategy,
    validate: (role: Typed<V1ClusterRole>) => validateClusterRole(role),
    validateUpdate: (role: Typed<V1ClusterRole>) => validateClusterRole(role),
  },
});

const bindingTable: TableDefinition = tableOf(
  [
    column("Role", "The role that is granted."),
    ageColumn,
    column("Users", "Users in the roleBinding", { priority: 1 }),
    column("Groups", "Groups in the roleBinding", { priority: 1 }),
    column("ServiceAccounts", "ServiceAccounts in the roleBinding", { priority: 1 }),
  ],
  ({ roleRef, subjects = [] }: V1RoleBinding, age) => [
    `${roleRef.kind}/${roleRef.name}`,
    age,
    subjectNames(subjects, "User"),
    subjectNames(subjects, "Group"),
    subjectNames(subjects, "ServiceAccount"),
  ],
);

function subjectNames(subjects: readonly RbacV1Subject[], kind: string): string {
  return subjects
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === "ServiceAccount" ? `${namespace ?? ""}/${name}` : name))
    .join(", ");
}

function bindingStrategy(isNamespaced: boolean): Partial<ResourceStrategy> {
  return {
    ...strategy,
    setDefaults: (binding: Binding) => setBindingDefaults(binding),
    validate: (binding: Binding) => validateBinding(binding, isNamespaced),
    validateUpdate: (binding: Binding, old: Binding) => validateBindingUpdate(binding, old, isNamespaced),
  };
}

const roleBindingDefinition = defineResource({
  group,
  resource: "rolebindings",
  kind: "RoleBinding",
  namespaced: true,
  strategy: bindingStrategy(true),
  table: bindingTable,
});

const clusterRoleBindingDefinition = defineResource({
  group,
  resource: "clusterrolebindings",
  kind: "ClusterRoleBinding",
  namespaced: false,
  strategy: bindingStrategy(false),
  table: bindingTable,
});

/** Roles and who has them (kubernetes `pkg/registry/rbac`). */
export const rbacDefinitions: readonly ResourceDefinition[] = [
  clusterRoleBindingDefinition,
  clusterRoleDefinition,
  roleBindingDefinition,
  roleDefinition,
];
