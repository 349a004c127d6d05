/**
 * Who may what until roles come: administrators everything, hosts what is theirs, joining hosts a certificate request,
 * the parts of the supervisor everything in-process, and everybody the paths that tell nothing.
 */
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { PathRequestInfo, ResourceRequestInfo } from "../request-info.ts";
import type { Authorizer } from "./authorizer.ts";
import { type NodeRules, nodeNameOf } from "./node-rules.ts";

const openPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz", "/version", "/cacerts"]);
const internalUsers: ReadonlySet<string> = new Set([
  "system:kube-scheduler",
  "system:kube-controller-manager",
  "system:apiserver",
]);
const csrGroup = "certificates.k8s.io";
const csrResource = "certificatesigningrequests";

export function basicAuthorizer(nodes: NodeRules): Authorizer {
  return {
    allows(user, info) {
      if (isTrusted(user)) return true;
      if (!info.isResource) return allowsPath(user, info);
      if (nodeNameOf(user) !== undefined) return nodes.allows(user, info);
      if (user.groups.includes("system:bootstrappers")) return allowsBootstrapper(info);
      return false;
    },
  };
}

/** Health and version are for all; what the API has, for those who are known. */
function allowsPath(user: UserInfo, info: PathRequestInfo): boolean {
  if (info.verb !== "get" && info.verb !== "head") return false;
  if (openPaths.has(info.path) || /^\/(?:healthz|livez|readyz)\//.test(info.path)) return true;
  const isKnown = user.groups.includes("system:authenticated");
  return isKnown && /^\/(?:api|apis|openapi|version)(?:\/|$)/.test(info.path);
}

/** A joining host asks for its certificate and waits for it; the handlers show it no others. */
function allowsBootstrapper(info: ResourceRequestInfo): boolean {
  const { group, resource, subresource, verb } = info;
  if (group !== csrGroup || resource !== csrResource || subresource !== "") return false;
  return verb === "create" || ((verb === "get" || verb === "list" || verb === "watch") && info.name !== "");
}

/** Hosts, joining or joined, see their own certificate requests and no others. */
export function seesOwnOnly(user: UserInfo, info: ResourceRequestInfo): boolean {
  return info.group === csrGroup && info.resource === csrResource && !isTrusted(user);
}

function isTrusted(user: UserInfo): boolean {
  return user.groups.includes("system:masters") || internalUsers.has(user.name);
}
