import type { V1PolicyRule, V1SelfSubjectRulesReview } from "../../api/generated/types.ts";
import { newBadRequest } from "../../apimachinery/status-errors.ts";
import { nodeNameOf } from "../authorization/node/node-identity.ts";
import { aggregated, type RoleStore, resolveRules } from "../authorization/rbac/role-store.ts";
import type { Answers } from "../handlers/answer.ts";

function resourceRule({ verbs, apiGroups, resources, resourceNames }: V1PolicyRule): object {
  return {
    verbs,
    ...(apiGroups === undefined ? {} : { apiGroups }),
    ...(resources === undefined ? {} : { resources }),
    ...(resourceNames === undefined ? {} : { resourceNames }),
  };
}

/** What the asker may do in a namespace (kubernetes `pkg/registry/authorization/selfsubjectrulesreview`). */
export function rulesReview(roles: RoleStore): Answers {
  return {
    SelfSubjectRulesReview({ user }, question) {
      // Decoding made this a SelfSubjectRulesReview.
      const { namespace = "" } = (question as unknown as V1SelfSubjectRulesReview).spec;
      if (namespace === "") throw newBadRequest("no namespace on request");
      const { rules, errors } = resolveRules(roles, user, namespace);
      const isNode = nodeNameOf(user) !== undefined;
      const why = [
        ...(isNode ? ["node authorizer does not support user rule resolution"] : []),
        ...(errors.length === 0 ? [] : [aggregated(errors)]),
      ];
      const status = {
        resourceRules: rules.filter(({ resources = [] }) => resources.length > 0).map(resourceRule),
        nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs = [] }) =>
          nonResourceURLs.length === 0 ? [] : [{ verbs, nonResourceURLs }],
        ),
        incomplete: isNode,
        ...(why.length === 0 ? {} : { evaluationError: why.join(", ") }),
      };
      const { kind, apiVersion } = question;
      return { kind, apiVersion, metadata: {}, spec: {}, status };
    },
  };
}
