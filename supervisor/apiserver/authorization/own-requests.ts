import type { UserInfo } from "../../registry/resource-definition.ts";
import type { ResourceRequestInfo } from "../request-info.ts";
import { isSuperuser } from "./authorizer.ts";

const hostGroups = ["system:nodes", "system:bootstrappers"];

/** Hosts, joining or joined, see their own certificate requests and no others: upstream shows them all. */
export function seesOwnOnly(user: UserInfo, info: ResourceRequestInfo): boolean {
  if (info.group !== "certificates.k8s.io" || info.resource !== "certificatesigningrequests") return false;
  return hostGroups.some((group) => user.groups.includes(group)) && !isSuperuser(user);
}
