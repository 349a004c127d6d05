/** What a host may do (after kubernetes' Node authorizer and NodeRestriction). */
import { parseFieldSelector } from "../../apimachinery/fields.ts";
import { SelectorError } from "../../apimachinery/labels.ts";
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

  allows(user: UserInfo, info: ResourceRequestInfo): boolean | Promise<boolean> {
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

  #allowsPod(node: string, info: ResourceRequestInfo): boolean | Promise<boolean> {
    const { verb, namespace, name, subresource } = info;
    const verbs =
      subresource === "status" ? ["get", "update", "patch"] : subresource === "" ? ["get", "delete"] : [];
    if (verbs.includes(verb)) return name !== "" && this.#references.ownsPod(node, namespace, name);
    return subresource === "" && (verb === "list" || verb === "watch") && selectsNode(info, node);
  }
}

/** Whether a field selector limits a collection to the Pods of one node. */
function selectsNode(info: ResourceRequestInfo, node: string): boolean {
  try {
    // Read as the handlers read it: a text that only looks like the term must not count.
    return parseFieldSelector(info.query.get("fieldSelector") ?? "").some(
      ({ field, operator, value }) => field === "spec.nodeName" && operator === "=" && value === node,
    );
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
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
