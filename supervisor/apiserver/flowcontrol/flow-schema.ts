/** Which flow schema a request belongs to (kubernetes `apiserver/pkg/util/flowcontrol/rule.go`). */
import type {
  FlowcontrolV1Subject,
  V1FlowSchema,
  V1NonResourcePolicyRule,
  V1PolicyRulesWithSubjects,
  V1ResourcePolicyRule,
} from "../../api/generated/types.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { RequestInfo, ResourceRequestInfo } from "../request-info.ts";

const defaultPrecedence = 1000;

/** The schemas in the order in which they are asked. */
export function inOrder(schemas: Iterable<V1FlowSchema>): readonly V1FlowSchema[] {
  const precedence = ({ spec }: V1FlowSchema): number => spec?.matchingPrecedence ?? defaultPrecedence;
  const name = ({ metadata }: V1FlowSchema): string => metadata?.name ?? "";
  return Array.from(schemas).sort(
    (left, right) => precedence(left) - precedence(right) || (name(left) < name(right) ? -1 : 1),
  );
}

export function matchesSchema({ spec }: V1FlowSchema, user: UserInfo, info: RequestInfo): boolean {
  return spec?.rules?.some((rule) => matchesRule(rule, user, info)) ?? false;
}

/** What keeps the flows of a schema apart: the empty text where all its requests are one flow. */
export function flowOf({ spec }: V1FlowSchema, user: UserInfo, info: RequestInfo): string {
  switch (spec?.distinguisherMethod?.type) {
    case "ByUser":
      return user.name;
    case "ByNamespace":
      return info.isResource ? info.namespace : "";
    default:
      return "";
  }
}

function matchesRule(rule: V1PolicyRulesWithSubjects, user: UserInfo, info: RequestInfo): boolean {
  if (!rule.subjects.some((subject) => matchesSubject(subject, user))) return false;
  if (!info.isResource) {
    return rule.nonResourceRules?.some((candidate) => matchesPath(candidate, info)) ?? false;
  }
  return rule.resourceRules?.some((candidate) => matchesResource(candidate, info)) ?? false;
}

function matchesSubject(subject: FlowcontrolV1Subject, user: UserInfo): boolean {
  switch (subject.kind) {
    case "User":
      return subject.user?.name === "*" || subject.user?.name === user.name;
    case "Group":
      return subject.group?.name === "*" || user.groups.includes(subject.group?.name ?? "");
    case "ServiceAccount": {
      const { namespace = "", name = "" } = subject.serviceAccount ?? {};
      const prefix = `system:serviceaccount:${namespace}:`;
      return name === "*" ? user.name.startsWith(prefix) : user.name === prefix + name;
    }
    default:
      return false;
  }
}

function has(values: readonly string[], value: string): boolean {
  return values.includes("*") || values.includes(value);
}

function matchesPath({ verbs, nonResourceURLs }: V1NonResourcePolicyRule, info: RequestInfo): boolean {
  if (!has(verbs, info.verb)) return false;
  return nonResourceURLs.some((url) => {
    if (url === "*" || url === info.path) return true;
    return url.endsWith("/*") && info.path.startsWith(url.slice(0, -1));
  });
}

function matchesResource(rule: V1ResourcePolicyRule, info: ResourceRequestInfo): boolean {
  const { verb, group, resource, subresource, namespace } = info;
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, group) || !has(rule.resources, whole)) return false;
  if (namespace === "") return rule.clusterScope ?? false;
  return has(rule.namespaces ?? [], namespace);
}
