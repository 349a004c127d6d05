/** What rules and selectors of policies and webhooks must say (kubernetes `pkg/apis/admissionregistration/validation`). */
import {
  duplicateField,
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
  tooManyField,
} from "../../../apimachinery/field-error.ts";
import { checkQualifiedName } from "../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import { checkPathSegment } from "../../../apimachinery/validation/path-segment.ts";
import type {
  V1MatchCondition,
  V1MatchResources,
  V1NamedRuleWithOperations,
  V1RuleWithOperations,
} from "../../generated/types.ts";

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const maxMatchConditions = 64;

/** A wildcard stands alone. */
function validateNames(names: readonly string[] | undefined, path: string, what: string): FieldError[] {
  if (names === undefined || names.length === 0) return [requiredField(path)];
  if (names.length > 1 && names.includes("*")) {
    return [invalidField(path, names, `if '*' is present, must not specify other ${what}`)];
  }
  return names.flatMap((name, index) => (name === "" ? [requiredField(`${path}[${index}]`)] : []));
}

function validateResources(resources: readonly string[] | undefined, path: string): FieldError[] {
  if (resources === undefined || resources.length === 0) return [requiredField(path)];
  const errors: FieldError[] = [];
  for (const [index, resource] of resources.entries()) {
    if (resource === "") errors.push(requiredField(`${path}[${index}]`));
    const slash = resource.indexOf("/");
    const before = resources.slice(0, index);
    const wider = [`${resource.slice(0, slash)}/*`, `*/${resource.slice(slash + 1)}`];
    for (const other of slash < 0 ? [] : wider) {
      if (!before.includes(other)) continue;
      const detail = `if '${other}' is present, must not specify ${resource}`;
      errors.push(invalidField(`${path}[${index}]`, resource, detail));
    }
  }
  if (resources.includes("*/*") && resources.length > 1) {
    errors.push(invalidField(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  // As upstream, the last one without a subresource decides.
  const last = resources.findLast((name) => name !== "" && !name.includes("/"));
  if (resources.includes("*") && last !== "*") {
    const detail = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalidField(path, resources, detail));
  }
  return errors;
}

function validateOperations(given: readonly string[] | undefined, path: string): FieldError[] {
  if (given === undefined || given.length === 0) return [requiredField(path)];
  const errors: FieldError[] = [];
  if (given.length > 1 && given.includes("*")) {
    errors.push(invalidField(path, given, "if '*' is present, must not specify other operations"));
  }
  for (const [index, operation] of given.entries()) {
    if (operations.includes(operation)) continue;
    errors.push(notSupportedField(`${path}[${index}]`, operation, operations));
  }
  return errors;
}

/** The core group has an empty name. */
function validateGroups(groups: readonly string[] | undefined, path: string): FieldError[] {
  if (groups === undefined || groups.length === 0) return [requiredField(path)];
  if (groups.length === 1 || !groups.includes("*")) return [];
  return [invalidField(path, groups, "if '*' is present, must not specify other API groups")];
}

const scopes = ["*", "Cluster", "Namespaced"];

/** What a rule matches. */
export function validateRule(rule: V1RuleWithOperations, path: string): FieldError[] {
  const { scope } = rule;
  return [
    ...validateOperations(rule.operations, `${path}.operations`),
    ...validateGroups(rule.apiGroups, `${path}.apiGroups`),
    ...validateNames(rule.apiVersions, `${path}.apiVersions`, "API versions"),
    ...validateResources(rule.resources, `${path}.resources`),
    ...(scope === undefined || scopes.includes(scope)
      ? []
      : [notSupportedField(`${path}.scope`, scope, scopes)]),
  ];
}

function validateNamedRule(rule: V1NamedRuleWithOperations, path: string): FieldError[] {
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  for (const [index, name] of (rule.resourceNames ?? []).entries()) {
    const place = `${path}.resourceNames[${index}]`;
    for (const complaint of checkPathSegment(name)) errors.push(invalidField(place, name, complaint));
    if (seen.has(name)) errors.push(duplicateField(place, name));
    seen.add(name);
  }
  return [...errors, ...validateRule(rule, path)];
}

const matchPolicies = ["Equivalent", "Exact"];

export function validateMatchResources(match: V1MatchResources, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (match.matchPolicy === undefined) errors.push(requiredField(`${path}.matchPolicy`));
  else if (!matchPolicies.includes(match.matchPolicy)) {
    errors.push(notSupportedField(`${path}.matchPolicy`, match.matchPolicy, matchPolicies));
  }
  for (const field of ["namespaceSelector", "objectSelector"] as const) {
    const selector = match[field];
    if (selector === undefined) errors.push(requiredField(`${path}.${field}`));
    else validateLabelSelector(selector, `${path}.${field}`, errors);
  }
  for (const field of ["resourceRules", "excludeResourceRules"] as const) {
    for (const [index, rule] of (match[field] ?? []).entries()) {
      errors.push(...validateNamedRule(rule, `${path}.${field}[${index}]`));
    }
  }
  return errors;
}

/** All but the expressions themselves, which are compiled elsewhere. */
export function validateMatchConditions(
  conditions: readonly V1MatchCondition[] | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  const count = conditions?.length ?? 0;
  if (count > maxMatchConditions) errors.push(tooManyField(path, count, maxMatchConditions));
  for (const [index, { name, expression }] of (conditions ?? []).entries()) {
    const place = `${path}[${index}]`;
    if (expression.trim() === "") errors.push(requiredField(`${place}.expression`));
    if (name === "") {
      errors.push(requiredField(`${place}.name`));
      continue;
    }
    for (const complaint of checkQualifiedName(name))
      errors.push(invalidField(`${place}.name`, name, complaint));
    if (seen.has(name)) errors.push(duplicateField(`${place}.name`, name));
    seen.add(name);
  }
  return errors;
}
