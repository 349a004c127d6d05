/** Which requests are recorded, and how much of them (audit.k8s.io/v1 `Policy`; kubernetes `pkg/audit/policy`). */
import { parse as parseYaml } from "yaml";
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { RequestInfo, ResourceRequestInfo } from "../request-info.ts";

/** In the order of how much is recorded. */
const levels = ["None", "Metadata", "Request", "RequestResponse"] as const;
type AuditLevel = (typeof levels)[number];

const stages = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"] as const;
export type AuditStage = (typeof stages)[number];

interface ResourceSelector {
  readonly group?: string;
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface AuditRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly ResourceSelector[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** Reads a policy from YAML or JSON. Throws an error that names what is wrong. */
export function parseAuditPolicy(text: string): AuditPolicy {
  const document: unknown = parseYaml(text, { version: "1.1" });
  if (!isRecord(document)) throw new Error("it holds no object, expected an audit.k8s.io/v1 Policy");
  const { apiVersion, kind, rules } = document;
  if (apiVersion !== "audit.k8s.io/v1" || kind !== "Policy") {
    throw new Error(`it is a ${String(apiVersion)} ${String(kind)}, expected an audit.k8s.io/v1 Policy`);
  }
  if (!Array.isArray(rules) || rules.length === 0) throw new Error("it has no rules");
  checkStages(document.omitStages, "omitStages");
  rules.forEach(checkRule);
  // What the checks leave unseen is of no meaning to the matching below.
  return document as unknown as AuditPolicy;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkRule(rule: unknown, index: number): void {
  const at = `rules[${index}]`;
  if (!isRecord(rule)) throw new Error(`${at} is no object`);
  if (!levels.some((level) => level === rule.level)) {
    throw new Error(`${at}.level is ${JSON.stringify(rule.level)}, expected one of ${levels.join(", ")}`);
  }
  for (const field of ["users", "userGroups", "verbs", "namespaces", "nonResourceURLs"]) {
    checkTexts(rule[field], `${at}.${field}`);
  }
  checkStages(rule.omitStages, `${at}.omitStages`);
  const { resources = [], nonResourceURLs = [] } = rule;
  if (!Array.isArray(resources)) throw new Error(`${at}.resources is no list`);
  if (resources.length > 0 && Array.isArray(nonResourceURLs) && nonResourceURLs.length > 0) {
    throw new Error(`${at} has resources and nonResourceURLs: a rule may have one of them`);
  }
  for (const [position, selector] of resources.entries()) {
    if (!isRecord(selector)) throw new Error(`${at}.resources[${position}] is no object`);
    checkTexts(selector.resources, `${at}.resources[${position}].resources`);
    checkTexts(selector.resourceNames, `${at}.resources[${position}].resourceNames`);
  }
}

function checkTexts(value: unknown, at: string): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return;
  throw new Error(`${at} is no list of texts`);
}

function checkStages(value: unknown, at: string): void {
  checkTexts(value, at);
  const unknown = Array.isArray(value) ? value.find((stage) => !stages.includes(stage)) : undefined;
  if (unknown !== undefined) {
    throw new Error(`${at} names ${JSON.stringify(unknown)}, expected some of ${stages.join(", ")}`);
  }
}

/** What the first rule that matches says; nothing is recorded where none does. */
export function auditDecision(policy: AuditPolicy, user: UserInfo, info: RequestInfo): AuditDecision {
  const rule = policy.rules.find((candidate) => matches(candidate, user, info));
  return {
    level: rule?.level ?? "None",
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])]),
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

function matches(rule: AuditRule, user: UserInfo, info: RequestInfo): boolean {
  if (!allows(rule.users, user.name)) return false;
  if (!allows(rule.verbs, info.verb)) return false;
  const { userGroups = [], resources = [], namespaces = [], nonResourceURLs = [] } = rule;
  if (userGroups.length > 0 && !userGroups.some((group) => user.groups.includes(group))) return false;
  if (!info.isResource) {
    if (resources.length > 0 || namespaces.length > 0) return false;
    return nonResourceURLs.length === 0 || nonResourceURLs.some((url) => matchesPath(url, info.path));
  }
  if (nonResourceURLs.length > 0) return false;
  if (namespaces.length > 0 && !namespaces.includes(info.namespace)) return false;
  return resources.length === 0 || resources.some((selector) => selects(selector, info));
}

function allows(values: readonly string[] | undefined, value: string): boolean {
  return values === undefined || values.length === 0 || values.includes(value);
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

function selects(selector: ResourceSelector, info: ResourceRequestInfo): boolean {
  if ((selector.group ?? "") !== info.group) return false;
  const { resources = [], resourceNames = [] } = selector;
  if (resources.length === 0) return true;
  if (resourceNames.length > 0 && !resourceNames.includes(info.name)) return false;
  const { resource, subresource } = info;
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  return resources.some((pattern) => {
    if (pattern === "*" || pattern === whole) return true;
    if (subresource === "") return false;
    return pattern === `*/${subresource}` || pattern === `${resource}/*`;
  });
}
