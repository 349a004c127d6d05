/** Defaults and validation of RBAC's kinds (kubernetes `pkg/apis/rbac`). */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import { checkPathSegment } from "../../../apimachinery/validation/path-segment.ts";
import type {
  RbacV1Subject,
  V1ClusterRole,
  V1PolicyRule,
  V1Role,
  V1RoleBinding,
} from "../../generated/types.ts";

const group = "rbac.authorization.k8s.io";

type Binding = Pick<V1RoleBinding, "roleRef" | "subjects">;

/** Users and groups are of RBAC's own group, service accounts of the core group. */
export function setBindingDefaults({ roleRef, subjects = [] }: Mutable<Binding>): void {
  if (roleRef !== undefined) roleRef.apiGroup ||= group;
  for (const subject of subjects) {
    if (subject.apiGroup || subject.kind === "ServiceAccount") continue;
    if (subject.kind === "User" || subject.kind === "Group") subject.apiGroup = group;
  }
}

export function validateRole({ rules = [] }: Pick<V1Role, "rules">): FieldError[] {
  return validateRules(rules ?? [], true);
}

export function validateClusterRole(role: Pick<V1ClusterRole, "rules" | "aggregationRule">): FieldError[] {
  const errors = validateRules(role.rules ?? [], false);
  const { aggregationRule } = role;
  if (aggregationRule === undefined) return errors;
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  const path = "aggregationRule.clusterRoleSelectors";
  if (selectors.length === 0) {
    errors.push(
      requiredField(path, "at least one clusterRoleSelector required if aggregationRule is non-nil"),
    );
  }
  selectors.forEach((selector, index) => {
    validateLabelSelector(selector, `${path}[${index}]`, errors);
  });
  return errors;
}

function validateRules(rules: readonly V1PolicyRule[], isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  rules.forEach((rule, index) => {
    const path = `rules[${index}]`;
    const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
    if (verbs.length === 0)
      errors.push(requiredField(`${path}.verbs`, "verbs must contain at least one value"));
    if (nonResourceURLs.length > 0) {
      const place = `${path}.nonResourceURLs`;
      if (isNamespaced) {
        const detail = "namespaced rules cannot apply to non-resource URLs";
        errors.push(invalidField(place, nonResourceURLs, detail));
      }
      if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0) {
        const detail = "rules cannot apply to both regular resources and non-resource URLs";
        errors.push(invalidField(place, nonResourceURLs, detail));
      }
      return;
    }
    if (apiGroups.length === 0) {
      errors.push(requiredField(`${path}.apiGroups`, "resource rules must supply at least one api group"));
    }
    if (resources.length === 0) {
      errors.push(requiredField(`${path}.resources`, "resource rules must supply at least one resource"));
    }
  });
  return errors;
}

export function validateBinding({ roleRef, subjects = [] }: Binding, isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { apiGroup = "", kind = "", name = "" } = roleRef ?? {};
  if (apiGroup !== group) errors.push(notSupportedField("roleRef.apiGroup", apiGroup, [group]));
  const kinds = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  if (!kinds.includes(kind)) errors.push(notSupportedField("roleRef.kind", kind, kinds));
  if (name === "") errors.push(requiredField("roleRef.name"));
  else checkFormat(errors, "roleRef.name", name, checkPathSegment);
  (subjects ?? []).forEach((subject, index) => {
    validateSubject(subject, `subjects[${index}]`, isNamespaced, errors);
  });
  return errors;
}

function validateSubject(subject: RbacV1Subject, path: string, isNamespaced: boolean, errors: FieldError[]) {
  const { apiGroup = "", kind, name, namespace = "" } = subject;
  if (!name) errors.push(requiredField(`${path}.name`));
  if (kind === "ServiceAccount") {
    if (name) checkFormat(errors, `${path}.name`, name, checkDnsSubdomain);
    if (apiGroup !== "") errors.push(notSupportedField(`${path}.apiGroup`, apiGroup, [""]));
    if (!isNamespaced && namespace === "") errors.push(requiredField(`${path}.namespace`));
  } else if (kind === "User" || kind === "Group") {
    if (apiGroup !== group) errors.push(notSupportedField(`${path}.apiGroup`, apiGroup, [group]));
  } else {
    errors.push(notSupportedField(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"]));
  }
}

export function validateBindingUpdate(binding: Binding, old: Binding, isNamespaced: boolean): FieldError[] {
  const errors = validateBinding(binding, isNamespaced);
  if (!equalJson(binding.roleRef, old.roleRef)) {
    errors.push(invalidField("roleRef", binding.roleRef, "cannot change roleRef"));
  }
  return errors;
}
