/**
 * What nodes may do: what their Pods need, their own objects, and otherwise the rules of the role `system:node`
 * (kubernetes `plugin/pkg/auth/authorizer/node`, with its reasons).
 */
import {
  type Attributes,
  type Authorizer,
  fieldsOf,
  noOpinion,
  type ResourceAttributes,
  type Verdict,
} from "../authorizer.ts";
import { clusterRoleRules } from "../bootstrap-policy/cluster-roles.ts";
import { parseRule } from "../bootstrap-policy/rule-notation.ts";
import { CompiledRule } from "../rbac/policy-rule.ts";
import type { NodeGraph } from "./node-graph.ts";
import { nodeNameOf } from "./node-identity.ts";

const allow: Verdict = { decision: "allow", reason: "" };
const readVerbs: ReadonlySet<string> = new Set(["get", "list", "watch"]);
const ownerVerbs: ReadonlySet<string> = new Set(["get", "create", "update", "patch", "delete"]);
const leaseNamespace = "kube-node-lease";

function refuse(reason: string): Verdict {
  return { decision: "no opinion", reason };
}

export function nodeAuthorizer(graph: NodeGraph): Authorizer {
  const rules = (clusterRoleRules["system:node"] ?? []).map((text) => new CompiledRule(parseRule(text)));
  return {
    authorize(user, attributes) {
      const node = nodeNameOf(user);
      if (node === undefined) return noOpinion;
      if (node === "") return refuse(`unknown node for user ${JSON.stringify(user.name)}`);
      const special = attributes.isResource ? ofResource(graph, node, attributes) : undefined;
      return special ?? byRules(rules, attributes);
    },
  };
}

function byRules(rules: readonly CompiledRule[], attributes: Attributes): Verdict {
  return rules.some((rule) => rule.allows(attributes)) ? allow : noOpinion;
}

/** Decides where the rules alone would allow too much; undefined for all other resources. */
function ofResource(graph: NodeGraph, node: string, attributes: ResourceAttributes): Verdict | undefined {
  const { group, resource } = attributes;
  switch (group === "" ? resource : `${resource}.${group}`) {
    case "secrets":
    case "configmaps":
      return readNamed(graph, node, attributes);
    case "persistentvolumeclaims":
      return attributes.subresource === "status"
        ? updateStatus(graph, node, attributes)
        : getRelated(graph, node, attributes);
    case "persistentvolumes":
    case "resourceclaims.resource.k8s.io":
    case "volumeattachments.storage.k8s.io":
      return getRelated(graph, node, attributes);
    case "serviceaccounts":
      return ofServiceAccount(graph, node, attributes);
    case "leases.coordination.k8s.io":
      return ofLease(node, attributes);
    case "csinodes.storage.k8s.io":
      return ofCsiNode(node, attributes);
    case "resourceslices.resource.k8s.io":
      return ofResourceSlice(graph, node, attributes);
    case "nodes":
      return ofNode(node, attributes);
    case "pods":
      return ofPod(graph, node, attributes);
    default:
      return undefined;
  }
}

function related(graph: NodeGraph, node: string, attributes: ResourceAttributes): Verdict {
  const { resource, namespace, name } = attributes;
  if (name === "") return refuse("No Object name found");
  if (graph.has(node, resource, namespace, name)) return allow;
  return refuse(`no relationship found between node '${node}' and this object`);
}

function readNamed(graph: NodeGraph, node: string, attributes: ResourceAttributes): Verdict {
  if (!readVerbs.has(attributes.verb)) return refuse("can only read resources of this type");
  if (attributes.subresource !== "") return refuse("cannot read subresource");
  if (attributes.namespace === "") return refuse("can only read namespaced object of this type");
  return related(graph, node, attributes);
}

function getRelated(graph: NodeGraph, node: string, attributes: ResourceAttributes): Verdict {
  if (attributes.verb !== "get") return refuse("can only get individual resources of this type");
  if (attributes.subresource !== "") return refuse("cannot get subresource");
  return related(graph, node, attributes);
}

function updateStatus(graph: NodeGraph, node: string, attributes: ResourceAttributes): Verdict {
  if (attributes.verb === "update" || attributes.verb === "patch") return related(graph, node, attributes);
  return refuse("can only get/update/patch this type");
}

function ofServiceAccount(graph: NodeGraph, node: string, attributes: ResourceAttributes): Verdict {
  const { verb, subresource, name } = attributes;
  if (verb === "get" && subresource === "") return related(graph, node, attributes);
  if (verb !== "create" || name === "")
    return refuse("can only create tokens for individual service accounts");
  if (subresource !== "token") return refuse("can only create token subresource of serviceaccount");
  return related(graph, node, attributes);
}

function ofLease(node: string, { verb, namespace, name }: ResourceAttributes): Verdict {
  if (!ownerVerbs.has(verb)) return refuse("can only get, create, update, patch, or delete a node lease");
  if (namespace !== leaseNamespace) {
    return refuse(`can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`);
  }
  // A creation names its lease in the body; admission looks there.
  if (verb === "create" || name === node) return allow;
  return refuse("can only access node lease with the same name as the requesting node");
}

function ofCsiNode(node: string, { verb, subresource, name }: ResourceAttributes): Verdict {
  if (!ownerVerbs.has(verb)) return refuse("can only get, create, update, patch, or delete a CSINode");
  if (subresource !== "") return refuse("cannot authorize CSINode subresources");
  if (verb === "create" || name === node) return allow;
  return refuse("can only access CSINode with the same name as the requesting node");
}

function ofResourceSlice(graph: NodeGraph, node: string, attributes: ResourceAttributes): Verdict {
  if (attributes.subresource !== "") return refuse("cannot authorize ResourceSlice subresources");
  switch (attributes.verb) {
    case "create":
      return allow;
    case "get":
    case "update":
    case "patch":
    case "delete":
      return related(graph, node, attributes);
    case "watch":
    case "list":
    case "deletecollection":
      return selects(attributes, "nodeName", node)
        ? allow
        : refuse("can only list/watch/deletecollection resourceslices with nodeName field selector");
    default:
      return refuse(
        "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection",
      );
  }
}

/** Whether a field selector limits a collection to one value. */
function selects(attributes: ResourceAttributes, field: string, value: string): boolean {
  return fieldsOf(attributes).some(
    (term) => term.field === field && term.operator === "=" && term.value === value,
  );
}

function ofNode(node: string, { verb, subresource, name }: ResourceAttributes): Verdict {
  const isWrite = verb === "update" || verb === "patch";
  if (subresource === "status") return isWrite ? allow : noOpinion;
  if (subresource !== "") return noOpinion;
  // Whose object it is, admission sees.
  if (isWrite || verb === "create") return allow;
  if (!readVerbs.has(verb)) return noOpinion;
  if (name === node) return allow;
  if (name === "") return refuse(`node '${node}' cannot read all nodes, only its own Node object`);
  return refuse(`node '${node}' cannot read '${name}', only its own Node object`);
}

function ofPod(graph: NodeGraph, node: string, attributes: ResourceAttributes): Verdict {
  const { verb, subresource, name } = attributes;
  if (subresource === "status") return verb === "update" || verb === "patch" ? allow : noOpinion;
  if (subresource === "eviction") return verb === "create" ? allow : noOpinion;
  if (subresource !== "") return noOpinion;
  switch (verb) {
    case "get":
      return related(graph, node, attributes);
    case "list":
    case "watch":
      if (selects(attributes, "spec.nodeName", node)) return allow;
      if (name !== "") return related(graph, node, attributes);
      return refuse("can only list/watch pods with spec.nodeName field selector");
    // Whose Pods they are, admission sees.
    case "create":
    case "delete":
      return allow;
    default:
      return noOpinion;
  }
}
