import type { V1UserInfo } from "../../api/generated/types.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";

/** A user as reviews show it. */
export function shownUser({ name, uid, groups, extra }: UserInfo): V1UserInfo {
  return {
    username: name,
    ...(uid ? { uid } : {}),
    groups,
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
