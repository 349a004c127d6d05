/** Nobody hands out more than he has (kubernetes `pkg/registry/rbac`, `component-helpers/auth/rbac/validation`). */
import type { V1PolicyRule } from "../../../api/generated/types.ts";
import type { UserInfo } from "../../../registry/resource-definition.ts";
import { breakDown, compacted, compactText, covers, quoteList } from "./policy-rule.ts";
import { type RoleStore, resolveRules } from "./role-store.ts";

/** Which rights a user would give and has not; empty for none. */
function missingRights(
  owned: readonly V1PolicyRule[],
  wanted: readonly V1PolicyRule[],
): readonly V1PolicyRule[] {
  return wanted.flatMap(breakDown).filter((right) => !owned.some((rule) => covers(rule, right)));
}

/** Why a user may not give rights away in a namespace, in kube-apiserver's words; undefined where it may. */
export function escalation(
  store: RoleStore,
  user: UserInfo,
  namespace: string,
  wanted: readonly V1PolicyRule[],
): string | undefined {
  const { rules, errors } = resolveRules(store, user, namespace);
  const missing = missingRights(rules, wanted);
  if (missing.length === 0) return undefined;
  const lines = Array.from(new Set(compacted(missing).map(compactText))).sort();
  const who = `user ${JSON.stringify(user.name)} (groups=${quoteList(user.groups)})`;
  const why = `${who} is attempting to grant RBAC permissions not currently held:\n${lines.join("\n")}`;
  return errors.length === 0 ? why : `${why}; resolution errors: [${errors.join(" ")}]`;
}

/** All that there is. */
export const fullAuthority: readonly V1PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];
