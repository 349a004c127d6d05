import type { ApiError } from "../../apimachinery/errors.ts";
import { newForbidden } from "../../apimachinery/status-errors.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { RequestInfo } from "../request-info.ts";

/** Says whether a user may do what a request asks for. */
export interface Authorizer {
  allows(user: UserInfo, info: RequestInfo): boolean | Promise<boolean>;
}

/** The refusal, in kube-apiserver's words. */
export function forbidden(user: UserInfo, info: RequestInfo): ApiError {
  const who = `User ${JSON.stringify(user.name)}`;
  if (!info.isResource) {
    const why = `${who} cannot ${info.verb} path ${JSON.stringify(info.path)}`;
    return newForbidden({ group: "", resource: "" }, "", why);
  }
  const { group, resource, subresource, namespace, verb, name } = info;
  const what = JSON.stringify(subresource === "" ? resource : `${resource}/${subresource}`);
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const why = `${who} cannot ${verb} resource ${what} in API group ${JSON.stringify(group)} ${where}`;
  return newForbidden({ group, resource }, name, why);
}
