/** What a host may do (after kubernetes' Node authorizer and NodeRestriction). */
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { ResourceRequestInfo } from "../request-info.ts";
import type { NodeReferences } from "./node-references.ts";

const userPrefix = "system:node:";
const readVerbs: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** The node that a user is; undefined for others. */
export function nodeNameOf(user: UserInfo): string | undefined {
  const isNode = user.name.startsWith(userPrefix) && user.groups.includes("system:nodes");
  return isNode ? user.name.slice(userPrefix.length) : undefined;
}

export class NodeRules {
  readonly #references: NodeReferences;

  constructor(references: NodeReferences) {
    this.#references = references;
  }

  allows(user: UserInfo, info: ResourceRequestInfo): boolean {
    const node = nodeNameOf(user);
    if (node === undefined) return false;
    switch (info.resource) {
      case "nodes":
        return info.group === "" && allowsNode(node, info);
      case "leases":
        return info.group === "coordination.k8s.io" && allowsLease(node, info);
      case "pods":
        return info.group === "" && this.#allowsPod(node, info);
      case "configmaps":
      case "secrets":
        return info.group === "" && this.#allowsNamed(node, info);
      case "serviceaccounts":
        return info.group === "" && info.verb === "get" && this.#names(node, info);
      case "events":
        return ["create", "patch", "update"].includes(info.verb) && info.subresource === "";
      case "certificatesigningrequests":
        return info.group === "certificates.k8s.io" && allowsRequest(info);
      default:
        return false;
    }
  }

  #names(node: string, { resource, namespace, name }: ResourceRequestInfo): boolean {
    return name !== "" && this.#references.has(node, resource, namespace, name);
  }

  /** What a Pod of the node names, one at a time: also its list and watch, which a selector pins to the name. */
  #allowsNamed(node: string, info: ResourceRequestInfo): boolean {
    return readVerbs.has(info.verb) && info.subresource === "" && this.#names(node, info);
  }

  #allowsPod(node: string, info: ResourceRequestInfo): boolean {
    const { verb, name, subresource } = info;
    const isOwn = name !== "" && this.#references.hasPod(node, info.namespace, name);
    if (subresource === "status") return ["get", "update", "patch"].includes(verb) && isOwn;
    if (subresource !== "") return false;
    if (verb === "get" || verb === "delete") return isOwn;
    return (verb === "list" || verb === "watch") && selectsNode(info, node);
  }
}

/** Whether a field selector limits a collection to the Pods of one node. */
function selectsNode(info: ResourceRequestInfo, node: string): boolean {
  const selector = info.query.get("fieldSelector") ?? "";
  return selector
    .split(",")
    .some((term) => term === `spec.nodeName=${node}` || term === `spec.nodeName==${node}`);
}

function allowsNode(node: string, { verb, name, subresource }: ResourceRequestInfo): boolean {
  // A creation names its node in the body; admission looks there.
  if (verb === "create") return subresource === "";
  if (name !== node || (subresource !== "" && subresource !== "status")) return false;
  return readVerbs.has(verb) || verb === "update" || verb === "patch";
}

function allowsLease(node: string, { verb, name, namespace, subresource }: ResourceRequestInfo): boolean {
  if (namespace !== "kube-node-lease" || subresource !== "") return false;
  if (verb === "create") return true;
  return name === node && ["get", "update", "patch", "delete"].includes(verb);
}

function allowsRequest({ verb, name, subresource }: ResourceRequestInfo): boolean {
  if (subresource !== "") return false;
  return verb === "create" || (readVerbs.has(verb) && name !== "");
}
