/** Policies and their bindings (kubernetes `pkg/apis/admissionregistration/validation`); expressions are compiled elsewhere. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import {
  checkDns1035Label,
  checkDnsSubdomain,
  checkQualifiedName,
} from "../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import { checkPathSegment } from "../../../apimachinery/validation/path-segment.ts";
import type {
  V1AuditAnnotation,
  V1MatchResources,
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
  V1Mutation,
  V1ParamKind,
  V1ParamRef,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
  V1Validation,
  V1Variable,
} from "../../generated/types.ts";
import { validateMatchConditions, validateMatchResources } from "./match-validation.ts";

const failurePolicies = ["Fail", "Ignore"];
const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
const actions = ["Audit", "Deny", "Warn"];
const reserved =
  /^(?:true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/;
const maxAuditAnnotations = 20;
const maxAuditExpressionBytes = 5 * 1024;

function oneOf(value: string | undefined, supported: readonly string[], path: string): FieldError[] {
  if (value === undefined) return [requiredField(path)];
  return supported.includes(value) ? [] : [notSupportedField(path, value, supported)];
}

function validateGroupVersion(apiVersion: string, path: string): FieldError[] {
  if (apiVersion === "") return [requiredField(path)];
  const parts = apiVersion.split("/");
  if (parts.length > 2) {
    return [invalidField(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  }
  const [group, version = ""] = parts.length === 1 ? ["", ...parts] : parts;
  const errors: FieldError[] = [];
  const complaints = group ? checkDnsSubdomain(group) : [];
  if (complaints.length > 0) errors.push(invalidField(path, group, complaints.join(",")));
  if (version === "") return [...errors, invalidField(path, apiVersion, "version must be specified")];
  const versionComplaints = checkDns1035Label(version);
  if (versionComplaints.length === 0) return errors;
  return [...errors, invalidField(path, version, versionComplaints.join(","))];
}

function validateParamKind({ apiVersion = "", kind = "" }: V1ParamKind): FieldError[] {
  const errors: FieldError[] = [];
  const path = "spec.paramKind";
  errors.push(...validateGroupVersion(apiVersion, `${path}.apiVersion`));
  if (kind === "") return [...errors, requiredField(`${path}.kind`)];
  const complaints = checkDns1035Label(kind.toLowerCase());
  if (complaints.length === 0) return errors;
  const why = `may have mixed case, but should otherwise match: ${complaints.join(",")}`;
  return [...errors, invalidField(`${path}.kind`, kind, why)];
}

function validateVariable({ name, expression }: V1Variable, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (name.trim() === "") errors.push(requiredField(`${path}.name`, "name is not specified"));
  else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || reserved.test(name)) {
    errors.push(invalidField(`${path}.name`, name, "name is not a valid CEL identifier"));
  }
  if (expression.trim() === "")
    errors.push(requiredField(`${path}.expression`, "expression is not specified"));
  return errors;
}

/** What both kinds of policies have. */
function validateCommon(
  spec: V1ValidatingAdmissionPolicy["spec"] | V1MutatingAdmissionPolicy["spec"],
): FieldError[] {
  const errors = oneOf(spec?.failurePolicy, failurePolicies, "spec.failurePolicy");
  if (spec?.paramKind !== undefined) errors.push(...validateParamKind(spec.paramKind));
  const match = spec?.matchConstraints;
  if (match === undefined) errors.push(requiredField("spec.matchConstraints"));
  else {
    errors.push(...validateMatchResources(match, "spec.matchConstraints"));
    if (!match.resourceRules?.length) errors.push(requiredField("spec.matchConstraints.resourceRules"));
  }
  errors.push(...validateMatchConditions(spec?.matchConditions, "spec.matchConditions"));
  for (const [index, variable] of (spec?.variables ?? []).entries()) {
    errors.push(...validateVariable(variable, `spec.variables[${index}]`));
  }
  return errors;
}

function validateValidation(validation: V1Validation, path: string): FieldError[] {
  const { expression, message = "", messageExpression = "", reason } = validation;
  const errors: FieldError[] = [];
  if (expression.trim() === "")
    errors.push(requiredField(`${path}.expression`, "expression is not specified"));
  if (messageExpression !== "" && messageExpression.trim() === "") {
    errors.push(
      invalidField(`${path}.messageExpression`, messageExpression, "must be non-empty if specified"),
    );
  }
  if (message !== "" && message.trim() === "") {
    errors.push(invalidField(`${path}.message`, message, "message must be non-empty if specified"));
  } else if (/[\n\r]/.test(message.trim())) {
    errors.push(invalidField(`${path}.message`, message, "message must not contain line breaks"));
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupportedField(`${path}.reason`, reason, reasons));
  }
  return errors;
}

function validateAuditAnnotations(
  annotations: readonly V1AuditAnnotation[],
  policyName: string,
): FieldError[] {
  const path = "spec.auditAnnotations";
  const errors: FieldError[] = [];
  if (annotations.length > maxAuditAnnotations) {
    const why = `must not have more than ${maxAuditAnnotations} auditAnnotations`;
    errors.push(invalidField(path, annotations, why));
  }
  const seen = new Set<string>();
  for (const [index, { key, valueExpression }] of annotations.entries()) {
    const place = `${path}[${index}]`;
    const name = `${policyName}/${key}`;
    for (const complaint of checkQualifiedName(name))
      errors.push(invalidField(`${place}.key`, name, complaint));
    if (valueExpression.trim() === "") {
      errors.push(requiredField(`${place}.valueExpression`, "valueExpression is not specified"));
    } else if (Buffer.byteLength(valueExpression.trim()) > maxAuditExpressionBytes) {
      const why = `must not exceed ${maxAuditExpressionBytes} bytes in length`;
      errors.push(requiredField(`${place}.valueExpression`, why));
    }
    if (seen.has(key)) errors.push(duplicateField(`${place}.key`, key));
    seen.add(key);
  }
  return errors;
}

export function validateValidatingAdmissionPolicy({
  metadata,
  spec,
}: V1ValidatingAdmissionPolicy): FieldError[] {
  const errors = validateCommon(spec);
  const { validations = [], auditAnnotations = [] } = spec ?? {};
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const why = "validations or auditAnnotations must contain at least one item";
    return [...errors, requiredField("spec.validations", why), requiredField("spec.auditAnnotations", why)];
  }
  for (const [index, validation] of validations.entries()) {
    errors.push(...validateValidation(validation, `spec.validations[${index}]`));
  }
  return [...errors, ...validateAuditAnnotations(auditAnnotations, metadata?.name ?? "")];
}

function validateMutation(
  { patchType, applyConfiguration, jsonPatch }: V1Mutation,
  path: string,
): FieldError[] {
  const types = ["ApplyConfiguration", "JSONPatch"];
  if (patchType === "") return [requiredField(`${path}.patchType`)];
  if (!types.includes(patchType)) return [notSupportedField(`${path}.patchType`, patchType, types)];
  const isPatch = patchType === "JSONPatch";
  const [own, other] = isPatch ? [jsonPatch, applyConfiguration] : [applyConfiguration, jsonPatch];
  const [field, otherField] = isPatch
    ? ["jsonPatch", "applyConfiguration"]
    : ["applyConfiguration", "jsonPatch"];
  const errors: FieldError[] = [];
  if (own === undefined) {
    errors.push(requiredField(`${path}.${field}`, `must be specified when patchType is ${patchType}`));
  } else if ((own.expression ?? "").trim() === "") errors.push(requiredField(`${path}.${field}.expression`));
  if (other !== undefined) {
    const why = `must not be specified when patchType is ${patchType}`;
    errors.push(invalidField(`${path}.${otherField}`, `{${otherField}}`, why));
  }
  return errors;
}

const mutableOperations = ["*", "CONNECT", "CREATE", "UPDATE"];

/** A deletion has nothing to change. */
function validateMutableOperations(match: V1MatchResources | undefined, path: string): FieldError[] {
  return (match?.resourceRules ?? [])
    .flatMap(({ operations = [] }) => operations)
    .filter((operation) => !mutableOperations.includes(operation))
    .map((operation) => notSupportedField(`${path}.resourceRules.operations`, operation, mutableOperations));
}

export function validateMutatingAdmissionPolicy({ spec }: V1MutatingAdmissionPolicy): FieldError[] {
  const errors = validateCommon(spec);
  errors.push(...validateMutableOperations(spec?.matchConstraints, "spec.matchConstraints"));
  if (!spec?.mutations?.length) {
    errors.push(requiredField("spec.mutations", "mutations must contain at least one item"));
  }
  for (const [index, mutation] of (spec?.mutations ?? []).entries()) {
    errors.push(...validateMutation(mutation, `spec.mutations[${index}]`));
  }
  const policies = ["IfNeeded", "Never"];
  return [...errors, ...oneOf(spec?.reinvocationPolicy || undefined, policies, "spec.reinvocationPolicy")];
}

function validateParamRef(reference: V1ParamRef): FieldError[] {
  const { name = "", selector, parameterNotFoundAction } = reference;
  const path = "spec.paramRef";
  const errors: FieldError[] = [];
  const exclusive = "name and selector are mutually exclusive";
  if (name !== "" && selector !== undefined) {
    errors.push(forbiddenField(`${path}.name`, exclusive), forbiddenField(`${path}.selector`, exclusive));
  }
  if (name === "" && selector === undefined) {
    errors.push(requiredField(path, "one of name or selector must be specified"));
  }
  if (selector !== undefined) validateLabelSelector(selector, `${path}.selector`, errors);
  for (const complaint of checkPathSegment(name)) errors.push(invalidField(`${path}.name`, name, complaint));
  errors.push(
    ...oneOf(parameterNotFoundAction || undefined, ["Deny", "Allow"], `${path}.parameterNotFoundAction`),
  );
  return errors;
}

/** What both kinds of bindings have. */
function validateBinding(spec: V1MutatingAdmissionPolicyBinding["spec"], matchPath: string): FieldError[] {
  const { policyName = "", paramRef, matchResources } = spec ?? {};
  const errors: FieldError[] = [];
  if (policyName === "") errors.push(requiredField("spec.policyName"));
  else {
    for (const complaint of checkDnsSubdomain(policyName)) {
      errors.push(invalidField("spec.policyName", policyName, complaint));
    }
  }
  if (paramRef !== undefined) errors.push(...validateParamRef(paramRef));
  if (matchResources !== undefined) errors.push(...validateMatchResources(matchResources, matchPath));
  return errors;
}

export function validateMutatingAdmissionPolicyBinding({
  spec,
}: V1MutatingAdmissionPolicyBinding): FieldError[] {
  const path = "spec.matchResources";
  return [...validateBinding(spec, path), ...validateMutableOperations(spec?.matchResources, path)];
}

export function validateValidatingAdmissionPolicyBinding({
  spec,
}: V1ValidatingAdmissionPolicyBinding): FieldError[] {
  // Upstream's path has this spelling.
  const errors = validateBinding(spec, "spec.matchResouces");
  const path = "spec.validationActions";
  const { validationActions = [] } = spec;
  for (const [index, action] of validationActions.entries()) {
    if (!actions.includes(action)) errors.push(notSupportedField(`${path}[${index}]`, action, actions));
    if (validationActions.indexOf(action) < index) errors.push(duplicateField(`${path}[${index}]`, action));
  }
  if (validationActions.includes("Deny") && validationActions.includes("Warn")) {
    const why =
      "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
    errors.push(invalidField(path, validationActions, why));
  }
  if (validationActions.length === 0) {
    errors.push(requiredField(path, "at least one validation action is required"));
  }
  return errors;
}
