/** The roles and bindings that every cluster has, as objects (kubernetes `bootstrappolicy`). */
import type {
  RbacV1Subject,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1Role,
  V1RoleBinding,
} from "../../../api/generated/types.ts";
import {
  aggregatedRoles,
  aggregationLabels,
  clusterRoleRules,
  clusterRoleSubjects,
} from "./cluster-roles.ts";
import { controllerRoleRules } from "./controller-roles.ts";
import { namespaceRoleRules, namespaceRoleSubjects } from "./namespace-roles.ts";
import {
  pacificNamespaceRoleRules,
  pacificNamespaceRoleSubjects,
  pacificRoleRules,
  pacificRoleSubjects,
} from "./pacific-roles.ts";
import { parseRule } from "./rule-notation.ts";

export const rbacGroup = "rbac.authorization.k8s.io";
/** Whoever sets it to "false" keeps an object as it is. */
export const autoUpdateAnnotation = "rbac.authorization.kubernetes.io/autoupdate";
const aggregationPrefix = `${rbacGroup}/aggregate-to-`;
const controllerPrefix = "system:controller:";
const systemNamespace = "kube-system";

type Names = readonly string[];
type Given = Readonly<Record<string, { readonly role?: string; readonly subjects: Names }>>;

function metadata(name: string, namespace?: string) {
  const aggregation = namespace === undefined ? aggregationLabels[name] : undefined;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: {
      "kubernetes.io/bootstrapping": "rbac-defaults",
      ...(aggregation === undefined ? {} : { [aggregationPrefix + aggregation]: "true" }),
    },
    annotations: { [autoUpdateAnnotation]: "true" },
  };
}

function clusterRole(name: string, rules: Names): V1ClusterRole {
  return { metadata: metadata(name), rules: rules.map(parseRule) };
}

function aggregatedRole(name: string, label: string): V1ClusterRole {
  const clusterRoleSelectors = [{ matchLabels: { [aggregationPrefix + label]: "true" } }];
  return { metadata: metadata(name), aggregationRule: { clusterRoleSelectors } };
}

function subject(text: string): RbacV1Subject {
  const colon = text.indexOf(":");
  const name = text.slice(colon + 1);
  switch (text.slice(0, colon)) {
    case "group":
      return { kind: "Group", apiGroup: rbacGroup, name };
    case "user":
      return { kind: "User", apiGroup: rbacGroup, name };
    default:
      return { kind: "ServiceAccount", name, namespace: systemNamespace };
  }
}

function clusterRoleBinding(name: string, subjects: Names, role: string = name): V1ClusterRoleBinding {
  const roleRef = { apiGroup: rbacGroup, kind: "ClusterRole", name: role };
  if (subjects.length === 0) return { metadata: metadata(name), roleRef };
  return { metadata: metadata(name), roleRef, subjects: subjects.map(subject) };
}

/** `namespace/name` in its two parts. */
function place(id: string): readonly [namespace: string, name: string] {
  const slash = id.indexOf("/");
  return [id.slice(0, slash), id.slice(slash + 1)];
}

function roles(rules: Readonly<Record<string, Names>>): readonly V1Role[] {
  return Object.entries(rules).map(([id, texts]) => {
    const [namespace, name] = place(id);
    return { metadata: metadata(name, namespace), rules: texts.map(parseRule) };
  });
}

function roleBindings(given: Given): readonly V1RoleBinding[] {
  return Object.entries(given).map(([id, { role, subjects }]) => {
    const [namespace, name] = place(id);
    const roleRef = { apiGroup: rbacGroup, kind: "Role", name: role ?? name };
    return { metadata: metadata(name, namespace), roleRef, subjects: subjects.map(subject) };
  });
}

export interface PolicyObjects {
  readonly clusterRoles: readonly V1ClusterRole[];
  readonly clusterRoleBindings: readonly V1ClusterRoleBinding[];
  readonly roles: readonly V1Role[];
  readonly roleBindings: readonly V1RoleBinding[];
}

/** All of them; made when the server starts and not kept. */
export function policyObjects(): PolicyObjects {
  const controllers = Object.entries(controllerRoleRules);
  return {
    clusterRoles: [
      ...Object.entries({ ...clusterRoleRules, ...pacificRoleRules }).map(([name, rules]) =>
        clusterRole(name, rules),
      ),
      ...Object.entries(aggregatedRoles).map(([name, label]) => aggregatedRole(name, label)),
      ...controllers.map(([name, rules]) => clusterRole(controllerPrefix + name, rules)),
    ],
    clusterRoleBindings: [
      ...Object.entries(clusterRoleSubjects).map(([name, subjects]) => clusterRoleBinding(name, subjects)),
      ...Object.entries(pacificRoleSubjects).map(([name, { role, subjects }]) =>
        clusterRoleBinding(name, subjects, role),
      ),
      ...controllers.map(([name]) => clusterRoleBinding(controllerPrefix + name, [`account:${name}`])),
    ],
    roles: [...roles(namespaceRoleRules), ...roles(pacificNamespaceRoleRules)],
    roleBindings: [...roleBindings(namespaceRoleSubjects), ...roleBindings(pacificNamespaceRoleSubjects)],
  };
}
