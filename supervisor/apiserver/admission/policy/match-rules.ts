/** Whether a write is one that a rule names (apiserver `admission/plugin/webhook/predicates/rules`). */
import type { AdmissionTarget } from "./admission-target.ts";

/** admissionregistration/v1 `NamedRuleWithOperations`, of policies and, without names, of webhooks. */
export interface AdmissionRule {
  readonly operations?: readonly string[] | undefined;
  readonly apiGroups?: readonly string[] | undefined;
  readonly apiVersions?: readonly string[] | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly scope?: string | undefined;
  readonly resourceNames?: readonly string[] | undefined;
}

function names(list: readonly string[] | undefined, wanted: string): boolean {
  return list?.some((entry) => entry === "*" || entry === wanted) ?? false;
}

function namesResource(
  resources: readonly string[] | undefined,
  { resource, subresource }: AdmissionTarget,
): boolean {
  return (resources ?? []).some((entry) => {
    const [wanted = "", sub = ""] = entry.split("/", 2);
    return (wanted === "*" || wanted === resource) && (sub === "*" || sub === subresource);
  });
}

function hasScope(scope: string | undefined, { namespace, isNamespace }: AdmissionTarget): boolean {
  if (scope === undefined || scope === "*") return true;
  const isNamespaced = namespace !== "" && !isNamespace;
  return scope === "Namespaced" ? isNamespaced : scope === "Cluster" && !isNamespaced;
}

export function matchesRule(rule: AdmissionRule, target: AdmissionTarget): boolean {
  return (
    hasScope(rule.scope, target) &&
    names(rule.operations, target.operation) &&
    names(rule.apiGroups, target.group) &&
    names(rule.apiVersions, target.version) &&
    namesResource(rule.resources, target) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(target.name))
  );
}
