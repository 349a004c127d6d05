import type { ConnectionInfo } from "../../base/http/connection-info.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";

/**
 * Tells who sent a request. Undefined where the request has none of the credentials that this one knows; rejects with
 * Unauthorized where it has them and they are wrong.
 */
export interface Authenticator {
  authenticate(
    headers: Headers,
    connection: ConnectionInfo,
  ): Promise<UserInfo | undefined> | UserInfo | undefined;
}

/** Every user who is known is in this group. */
export const authenticatedGroup = "system:authenticated";

export const anonymousUser: UserInfo = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** The user with the group of all known users. */
export function authenticated(user: UserInfo): UserInfo {
  if (user.groups.includes(authenticatedGroup)) return user;
  return { ...user, groups: [...user.groups, authenticatedGroup] };
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(headers: Headers): string | undefined {
  const header = headers.get("authorization");
  if (header === null) return undefined;
  return /^Bearer +(\S+)$/i.exec(header.trim())?.[1];
}

/** The first user that one of the authenticators knows; else the anonymous one. */
export function firstOf(authenticators: readonly Authenticator[]): {
  authenticate(headers: Headers, connection: ConnectionInfo): Promise<UserInfo> | UserInfo;
} {
  const next = async (headers: Headers, connection: ConnectionInfo, from: number): Promise<UserInfo> => {
    for (const authenticator of authenticators.slice(from)) {
      const user = await authenticator.authenticate(headers, connection);
      if (user !== undefined) return user;
    }
    return anonymousUser;
  };
  return {
    authenticate(headers, connection) {
      for (const [index, authenticator] of authenticators.entries()) {
        const user = authenticator.authenticate(headers, connection);
        if (user === undefined) continue;
        if (!(user instanceof Promise)) return user;
        return user.then((known) => known ?? next(headers, connection, index + 1));
      }
      return anonymousUser;
    },
  };
}
