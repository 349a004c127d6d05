/** Acting as somebody else, by the `Impersonate-…` headers (kubernetes `apiserver/pkg/endpoints/filters/impersonation`). */
import { newBadRequest } from "../../apimachinery/status-errors.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { ResourceRequestInfo } from "../request-info.ts";
import { anonymousUser, authenticated } from "./authenticator.ts";

const userHeader = "impersonate-user";
const uidHeader = "impersonate-uid";
const groupHeader = "impersonate-group";
const extraPrefix = "impersonate-extra-";

/** Values of a header that is given several times; the platform joins them. */
function valuesOf(headers: Headers, name: string): readonly string[] {
  const joined = headers.get(name);
  return joined === null ? [] : joined.split(",").map((value) => value.trim());
}

function extraOf(headers: Headers): Readonly<Record<string, readonly string[]>> {
  const extra: Record<string, readonly string[]> = {};
  for (const name of headers.keys()) {
    if (name.startsWith(extraPrefix)) {
      extra[decodeURIComponent(name.slice(extraPrefix.length))] = valuesOf(headers, name);
    }
  }
  return extra;
}

/**
 * Whom a request wants to act as; undefined where it does not. Throws BadRequest for groups, a uid or extras without
 * a user.
 */
export function impersonatedUser(headers: Headers): UserInfo | undefined {
  const name = headers.get(userHeader) ?? "";
  const groups = valuesOf(headers, groupHeader);
  const uid = headers.get(uidHeader);
  if (name === "") {
    if (groups.length === 0 && uid === null) return undefined;
    throw newBadRequest("requested impersonation without impersonating a user");
  }
  const extra = extraOf(headers);
  const user = {
    name,
    groups,
    ...(uid === null ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  return name === anonymousUser.name
    ? { ...user, groups: [...groups, ...anonymousUser.groups] }
    : authenticated(user);
}

/** What must be allowed for it: the verb `impersonate` on the user, and on each group. */
export function impersonationRequests(user: UserInfo): readonly ResourceRequestInfo[] {
  const request = (resource: string, name: string): ResourceRequestInfo => ({
    isResource: true,
    verb: "impersonate",
    path: "",
    query: new URLSearchParams(),
    group: "",
    version: "v1",
    namespace: "",
    resource,
    subresource: "",
    name,
    rest: "",
  });
  return [request("users", user.name), ...user.groups.map((group) => request("groups", group))];
}
