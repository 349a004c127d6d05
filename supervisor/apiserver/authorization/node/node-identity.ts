import type { UserInfo } from "../../../registry/resource-definition.ts";

const userPrefix = "system:node:";
export const nodesGroup = "system:nodes";

/** The node that a user is, empty for one of the nodes' group whose name tells none; undefined for others. */
export function nodeNameOf(user: UserInfo): string | undefined {
  if (!user.name.startsWith(userPrefix) || !user.groups.includes(nodesGroup)) return undefined;
  return user.name.slice(userPrefix.length);
}
