/** Defaults and validation of FlowSchemas, with the texts of kubernetes `pkg/apis/flowcontrol`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { checkFormat, checkRequiredFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import type {
  FlowcontrolV1Subject,
  V1FlowSchema,
  V1NonResourcePolicyRule,
  V1PolicyRulesWithSubjects,
  V1ResourcePolicyRule,
} from "../../generated/types.ts";
import { fixedFlowSchemaSpec } from "./bootstrap-objects.ts";

type FlowSchema = Pick<V1FlowSchema, "spec"> & { readonly metadata: { readonly name?: string } };

const methods = ["ByNamespace", "ByUser"];
const maxPrecedence = 10_000;
const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

/** Where a subject of the kind says who it is. */
const subjectFields = { ServiceAccount: "serviceAccount", User: "user", Group: "group" } as const;

export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  const errors: FieldError[] = [];
  const name = metadata.name ?? "";
  const { matchingPrecedence = 0, distinguisherMethod, priorityLevelConfiguration, rules = [] } = spec ?? {};
  const precedence = (detail: string) =>
    errors.push(invalidField("spec.matchingPrecedence", matchingPrecedence, detail));
  if (matchingPrecedence <= 0) precedence("must be a positive value");
  if (matchingPrecedence > maxPrecedence) precedence(`must not be greater than ${maxPrecedence}`);
  if (matchingPrecedence === 1 && name !== "exempt") {
    precedence("only the schema named 'exempt' may have matchingPrecedence 1");
  }
  if (distinguisherMethod !== undefined && !methods.includes(distinguisherMethod.type)) {
    // Upstream shows the whole method, with Go's names.
    const shown = { Type: distinguisherMethod.type };
    errors.push(notSupportedField("spec.distinguisherMethod.type", shown, methods));
  }
  const levelPath = "spec.priorityLevelConfiguration.name";
  const level = priorityLevelConfiguration?.name;
  checkRequiredFormat(errors, levelPath, level, checkDnsSubdomain, "must reference a priority level");
  rules.forEach((rule, index) => {
    validateRule(rule, `spec.rules[${index}]`, errors);
  });
  const fixed = fixedFlowSchemaSpec(name);
  if (fixed !== undefined && !equalJson(spec, fixed)) {
    errors.push(invalidField("spec", spec, `spec of '${name}' must equal the fixed value`));
  }
  return errors;
}

function validateRule(rule: V1PolicyRulesWithSubjects, path: string, errors: FieldError[]): void {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule;
  if (subjects.length === 0) {
    errors.push(requiredField(`${path}.subjects`, "subjects must contain at least one value"));
  }
  subjects.forEach((subject, index) => {
    validateSubject(subject, `${path}.subjects[${index}]`, errors);
  });
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    const detail = "at least one of resourceRules and nonResourceRules has to be non-empty";
    errors.push(requiredField(path, detail));
  }
  resourceRules.forEach((resourceRule, index) => {
    validateResourceRule(resourceRule, `${path}.resourceRules[${index}]`, errors);
  });
  nonResourceRules.forEach((nonResourceRule, index) => {
    validateNonResourceRule(nonResourceRule, `${path}.nonResourceRules[${index}]`, errors);
  });
}

function validateSubject(subject: FlowcontrolV1Subject, path: string, errors: FieldError[]): void {
  const { kind } = subject;
  if (!Object.hasOwn(subjectFields, kind)) {
    errors.push(notSupportedField(`${path}.kind`, kind, ["Group", "ServiceAccount", "User"]));
    return;
  }
  validateIdentity(subject, path, errors);
  for (const [other, field] of Object.entries(subjectFields)) {
    if (other === kind || subject[field] === undefined) continue;
    const detail = `${field} is forbidden when subject kind is not '${other}'`;
    errors.push(forbiddenField(`${path}.${field}`, detail));
  }
}

function validateIdentity(subject: FlowcontrolV1Subject, path: string, errors: FieldError[]): void {
  const field = subjectFields[subject.kind as keyof typeof subjectFields];
  const identity = subject[field];
  const at = `${path}.${field}`;
  if (identity === undefined) {
    errors.push(requiredField(at, `${field} is required when subject kind is '${subject.kind}'`));
    return;
  }
  if (!identity.name) errors.push(requiredField(`${at}.name`));
  if (field !== "serviceAccount") return;
  const { name = "", namespace } = subject.serviceAccount ?? {};
  if (name && name !== "*") checkFormat(errors, `${at}.name`, name, checkDnsSubdomain);
  const detail = "must specify namespace for service account";
  checkRequiredFormat(errors, `${at}.namespace`, namespace, checkDnsLabel, detail);
}

/** A list that may be `*` alone. */
function checkAlone(values: readonly string[], field: string, what: string, errors: FieldError[]): boolean {
  if (!values.includes("*")) return false;
  if (values.length > 1) {
    errors.push(invalidField(field, values, `if '*' is present, must not specify other ${what}`));
  }
  return true;
}

function validateVerbs(values: readonly string[], field: string, errors: FieldError[]): void {
  if (values.length === 0) errors.push(requiredField(field, "verbs must contain at least one value"));
  else if (!checkAlone(values, field, "verbs", errors) && values.some((verb) => !verbs.includes(verb))) {
    errors.push(notSupportedField(field, values, verbs));
  }
}

function validateResourceRule(rule: V1ResourcePolicyRule, path: string, errors: FieldError[]): void {
  const { apiGroups = [], resources = [], clusterScope = false } = rule;
  const namespaces = rule.namespaces ?? [];
  validateVerbs(rule.verbs ?? [], `${path}.verbs`, errors);
  if (apiGroups.length === 0) {
    const detail = "resource rules must supply at least one api group";
    errors.push(requiredField(`${path}.apiGroups`, detail));
  } else checkAlone(apiGroups, `${path}.apiGroups`, "api groups", errors);
  if (resources.length === 0) {
    const detail = "resource rules must supply at least one resource";
    errors.push(requiredField(`${path}.resources`, detail));
  } else checkAlone(resources, `${path}.resources`, "resources", errors);
  if (namespaces.length === 0 && !clusterScope) {
    const detail = "resource rules that are not cluster scoped must supply at least one namespace";
    errors.push(requiredField(`${path}.namespaces`, detail));
  } else if (!checkAlone(namespaces, `${path}.namespaces`, "namespaces", errors)) {
    namespaces.forEach((namespace, index) => {
      for (const complaint of checkDnsLabel(namespace)) {
        const detail = `each member of this list must be '*' or a DNS-1123 label; ${complaint}`;
        errors.push(invalidField(`${path}.namespaces[${index}]`, namespace, detail));
      }
    });
  }
}

function validateNonResourceRule(rule: V1NonResourcePolicyRule, path: string, errors: FieldError[]): void {
  validateVerbs(rule.verbs ?? [], `${path}.verbs`, errors);
  const { nonResourceURLs: paths = [] } = rule;
  const at = `${path}.nonResourceURLs`;
  if (paths.length === 0) {
    errors.push(requiredField(at, "nonResourceURLs must contain at least one value"));
  } else if (!checkAlone(paths, at, "non-resource URLs", errors)) {
    paths.forEach((url, index) => {
      const complaint = pathComplaint(url);
      if (complaint !== undefined) errors.push(invalidField(`${at}[${index}]`, url, complaint));
    });
  }
}

function pathComplaint(path: string): string | undefined {
  if (path === "") return "must not be empty";
  if (path === "/") return undefined;
  if (!path.startsWith("/")) return "must start with slash";
  if (path.includes(" ")) return "must not contain white-space";
  if (path.includes("//")) return "must not contain double slash";
  if (!/^[^*]*(?:\/\*)?$/.test(path)) return "wildcard can only do suffix matching";
  return undefined;
}

interface WithConditions {
  readonly status?: { readonly conditions?: ReadonlyArray<{ readonly type?: string }> };
}

/** The conditions of either kind. */
export function validateFlowConditions({ status }: WithConditions): FieldError[] {
  const conditions = status?.conditions ?? [];
  return conditions.flatMap(({ type }, index) => {
    const field = `status.conditions[${index}].type`;
    const isTwice = conditions.findIndex((other) => other.type === type) < index;
    return [
      ...(isTwice ? [duplicateField(field, type)] : []),
      ...(type ? [] : [requiredField(field, "must not be empty")]),
    ];
  });
}
