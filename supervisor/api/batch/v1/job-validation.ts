/** Validation of Jobs, with the texts of kubernetes `pkg/apis/batch/validation`. */
import {
  type FieldError,
  immutableField,
  invalidField,
  notSupportedField,
  requiredField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { selectorMatches } from "../../../apimachinery/label-selector.ts";
import type { ObjectMeta } from "../../../apimachinery/object-meta.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import { validateImmutable, validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import { validateSelectorMatches } from "../../apps/v1/template-validation.ts";
import { validatePodTemplate } from "../../core/v1/pod/pod-validation.ts";
import type { V1Container, V1JobSpec, V1JobStatus, V1PodSpec } from "../../generated/types.ts";
import { validateIndexedJob } from "./indexed-job-validation.ts";
import { validatePodFailurePolicy } from "./pod-failure-policy-validation.ts";

export interface ValidatedJob {
  readonly metadata: ObjectMeta;
  readonly spec?: V1JobSpec;
  readonly status?: V1JobStatus;
}

const maxManagedByLength = 63;
const completionModes = ["NonIndexed", "Indexed"];
const replacementPolicies = ["Failed", "TerminatingOrFailed"];
const jobNameLabels = ["job-name", "batch.kubernetes.io/job-name"];
const controllerUidLabels = ["controller-uid", "batch.kubernetes.io/controller-uid"];

export function validateJob(job: ValidatedJob): FieldError[] {
  const errors: FieldError[] = [];
  const { spec, metadata } = job;
  if (spec === undefined) return [requiredField("spec.template")];
  validateGeneratedSelector(metadata, spec, errors);
  validateSpecWithSelector(spec, errors);
  const { completionMode, completions = 0 } = spec;
  if (completionMode === "Indexed" && completions > 0) {
    const hostname = `${metadata.name ?? ""}-${completions - 1}`;
    if (checkDnsLabel(hostname).length > 0) {
      const detail = `will not able to create pod with invalid DNS label: ${hostname}`;
      errors.push(invalidField("metadata.name", metadata.name ?? "", detail));
    }
  }
  return errors;
}

function validateSpecWithSelector(spec: V1JobSpec, errors: FieldError[]): void {
  validateJobSpec(spec, "spec", errors);
  if (spec.selector === undefined) errors.push(requiredField("spec.selector"));
  else {
    validateLabelSelector(spec.selector, "spec.selector", errors);
    validateSelectorMatches(spec.selector, spec.template, "spec", errors);
  }
}

/** A selector that the server made selects the Pods that the server labelled. */
function validateGeneratedSelector(metadata: ObjectMeta, spec: V1JobSpec, errors: FieldError[]): void {
  if (spec.manualSelector || spec.selector === undefined) return;
  const { uid = "", name = "" } = metadata;
  if (uid === "") errors.push(requiredField("metadata.uid"));
  const expected: Record<string, string> = {};
  for (const label of controllerUidLabels) expected[label] = uid;
  for (const label of jobNameLabels) expected[label] = name;
  const labels = spec.template.metadata?.labels ?? {};
  for (const [label, value] of Object.entries(expected)) {
    if (labels[label] === value) continue;
    const field = `spec.template.metadata.labels[${label}]`;
    const detail = `must be '${value}'`;
    errors.push(
      labels[label] === undefined ? requiredField(field, detail) : invalidField(field, labels, detail),
    );
  }
  if (selectorMatches(spec.selector, expected) === false) {
    errors.push(invalidField("spec.selector", spec.selector, "`selector` not auto-generated"));
  }
}

/** The rules of a Job's spec, also within a CronJob. */
export function validateJobSpec(spec: V1JobSpec, path: string, errors: FieldError[]): void {
  const numbers = [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ] as const;
  validateNonNegative(spec, path, numbers, errors);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(requiredField(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  }
  if (spec.managedBy !== undefined) validateManagedBy(spec.managedBy, `${path}.managedBy`, errors);
  const { completionMode } = spec;
  if (completionMode !== undefined && !completionModes.includes(completionMode)) {
    errors.push(notSupportedField(`${path}.completionMode`, completionMode, completionModes));
  }
  validateIndexedJob(spec, path, errors);
  if (spec.podFailurePolicy) validatePodFailurePolicy(spec, `${path}.podFailurePolicy`, errors);
  const { podReplacementPolicy: replacement } = spec;
  const allowed = spec.podFailurePolicy ? ["Failed"] : replacementPolicies;
  if (replacement !== undefined && !allowed.includes(replacement)) {
    errors.push(notSupportedField(`${path}.podReplacementPolicy`, replacement, allowed));
  }
  validatePodTemplate(spec.template, `${path}.template`, errors);
  validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`, errors);
}

function validateRestartPolicy(spec: V1JobSpec, path: string, errors: FieldError[]): void {
  const { restartPolicy: policy = "" } = spec.template.spec ?? {};
  if (policy === "Always" || policy === "") {
    errors.push(requiredField(path, 'valid values: "OnFailure", "Never"'));
  } else if (policy !== "OnFailure" && policy !== "Never") {
    errors.push(notSupportedField(path, policy, ["OnFailure", "Never"]));
  } else if (spec.podFailurePolicy && policy !== "Never") {
    const detail = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(invalidField(path, policy, detail));
  }
}

function validateManagedBy(name: string, path: string, errors: FieldError[]): void {
  const slash = name.indexOf("/");
  if (name === "") errors.push(requiredField(path));
  else if (slash <= 0 || slash === name.length - 1) {
    errors.push(invalidField(path, name, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  } else {
    for (const message of checkDnsSubdomain(name.slice(0, slash))) {
      errors.push(invalidField(path, name.slice(0, slash), message));
    }
  }
  if (name.length > maxManagedByLength) errors.push(tooLongField(path, maxManagedByLength));
}

export function validateJobUpdate(job: ValidatedJob, old: ValidatedJob): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = job;
  const { spec: before } = old;
  if (spec === undefined || before === undefined) return [requiredField("spec.template")];
  validateSpecWithSelector(spec, errors);
  validateCompletionsUpdate(spec, before, errors);
  validateImmutable(spec, before, "spec", ["selector"], errors);
  if (isHeld(old)) {
    const kept = withHeldFields(before.template.spec, spec.template.spec);
    if (!equalJson(spec.template.spec, kept)) {
      errors.push(immutableField("spec.template.spec", spec.template.spec));
    }
  } else validateImmutable(spec, before, "spec", ["template"], errors);
  const fixed = [
    "completionMode",
    "podFailurePolicy",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
  ] as const;
  validateImmutable(spec, before, "spec", fixed, errors);
  return errors;
}

/** An indexed Job may grow and shrink with its parallelism. */
function validateCompletionsUpdate(spec: V1JobSpec, before: V1JobSpec, errors: FieldError[]): void {
  if (spec.completions === before.completions) return;
  if (spec.completionMode !== "Indexed") {
    errors.push(immutableField("spec.completions", spec.completions ?? null));
  } else if (spec.completions !== undefined && spec.completions !== spec.parallelism) {
    const detail = "can only be modified in tandem with spec.parallelism";
    errors.push(invalidField("spec.completions", spec.completions, detail));
  }
}

/** Whether a Job waits with none of its Pods there: what they are to be may still be said. */
function isHeld({ spec, status = {} }: ValidatedJob): boolean {
  const { active = 0, startTime, conditions = [] } = status;
  const isMarked = conditions.some((one) => one.type === "Suspended" && one.status === "True");
  return (spec?.suspend ?? false) && active === 0 && (startTime === undefined || isMarked);
}

/** The old Pods with the new ones' say about where they run and what they ask for. */
function withHeldFields(old: V1PodSpec | undefined, given: V1PodSpec | undefined): V1PodSpec | undefined {
  if (old === undefined || given === undefined) return old;
  const { nodeSelector, tolerations, schedulingGates, affinity, containers, initContainers } = given;
  const merged = { ...old.affinity, nodeAffinity: affinity?.nodeAffinity };
  const isEmpty = Object.values(merged).every((part) => part === undefined);
  // Only compared with the new spec, where an undefined field is an absent one.
  return {
    ...old,
    containers: withResources(old.containers, containers),
    initContainers: withResources(old.initContainers, initContainers),
    nodeSelector,
    tolerations,
    schedulingGates,
    affinity: isEmpty && affinity === undefined ? undefined : merged,
  } as V1PodSpec;
}

function withResources(
  old: readonly V1Container[] | undefined,
  given: readonly V1Container[] | undefined,
): readonly V1Container[] | undefined {
  return old?.map((container, index) => {
    // As above.
    return { ...container, resources: given?.[index]?.resources } as V1Container;
  });
}
