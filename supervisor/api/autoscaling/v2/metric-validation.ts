/** Validation of what an autoscaler looks at, with the texts of kubernetes `pkg/apis/autoscaling/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import { checkRequiredFormat } from "../../../apimachinery/validation/field-checks.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import { checkPathSegment } from "../../../apimachinery/validation/path-segment.ts";
import type { V2MetricIdentifier, V2MetricSpec, V2MetricTarget } from "../../generated/types.ts";

const sourceTypes = ["ContainerResource", "External", "Object", "Pods", "Resource"];
const targetTypes = ["AverageValue", "Utilization", "Value"];
const fields = ["object", "external", "pods", "resource", "containerResource"] as const;
const bothSet = "may not set both a target raw value and a target utilization";
const noneSet = "must set either a target raw value or a target utilization";

export function validateMetrics(metrics: readonly V2MetricSpec[], path: string, errors: FieldError[]): void {
  metrics.forEach((metric, index) => {
    validateMetric(metric, `${path}[${index}]`, errors);
  });
}

function validateMetric(metric: V2MetricSpec, path: string, errors: FieldError[]): void {
  const { type } = metric;
  if (!type) errors.push(requiredField(`${path}.type`, "must specify a metric source type"));
  if (!sourceTypes.includes(type)) errors.push(notSupportedField(`${path}.type`, type, sourceTypes));
  const present = fields.filter((field) => metric[field] !== undefined);
  const [first] = present;
  if (first !== undefined) validateSource(metric, first, `${path}.${first}`, errors);
  const expected = type.charAt(0).toLowerCase() + type.slice(1);
  if (!present.some((field) => field === expected)) {
    const detail = "must populate information for the given metric source";
    errors.push(requiredField(`${path}.${expected}`, detail));
  }
  if (present.length === 1) return;
  for (const field of present) {
    if (field === expected) continue;
    errors.push(forbiddenField(`${path}.${field}`, "must populate the given metric source only"));
  }
}

function validateSource(
  metric: V2MetricSpec,
  field: (typeof fields)[number],
  path: string,
  errors: FieldError[],
): void {
  const { object, external, pods, resource, containerResource } = metric;
  if (field === "object" && object) {
    const { kind, name } = object.describedObject;
    checkRequiredFormat(errors, `${path}.describedObject.kind`, kind, checkPathSegment);
    checkRequiredFormat(errors, `${path}.describedObject.name`, name, checkPathSegment);
    validateIdentifier(object.metric, path, errors);
    validateTarget(object.target, path, errors);
    validateValue(object.target, path, true, errors);
  } else if (field === "external" && external) {
    validateIdentifier(external.metric, path, errors);
    validateTarget(external.target, path, errors);
    validateValue(external.target, path, false, errors);
  } else if (field === "pods" && pods) {
    validateIdentifier(pods.metric, path, errors);
    validateTarget(pods.target, path, errors);
    if (!isPositive(pods.target.averageValue)) {
      errors.push(
        requiredField(`${path}.target.averageValue`, "must specify a positive target averageValue"),
      );
    }
  } else if (resource ?? containerResource) {
    const source = field === "resource" ? resource : containerResource;
    if (source === undefined) return;
    if (!source.name) errors.push(requiredField(`${path}.name`, "must specify a resource name"));
    if (field === "containerResource" && !containerResource?.container) {
      errors.push(requiredField(`${path}.container`, "must specify a container"));
    }
    validateTarget(source.target, path, errors);
    validateShare(source.target, path, errors);
  }
}

function isPositive(quantity: string | undefined): boolean {
  return quantity !== undefined && parseQuantity(quantity) > 0n;
}

function validateIdentifier(metric: V2MetricIdentifier, path: string, errors: FieldError[]): void {
  if (!metric.name) errors.push(requiredField(`${path}.metric.name`, "must specify a metric name"));
  else checkRequiredFormat(errors, `${path}.metric.name`, metric.name, checkPathSegment);
  validateLabelSelector(metric.selector, `${path}.metric.selector`, errors);
}

function validateTarget(target: V2MetricTarget, path: string, errors: FieldError[]): void {
  const { type, averageUtilization, value, averageValue } = target;
  const at = `${path}.target`;
  if (!type) errors.push(requiredField(`${at}.type`, "must specify a metric target type"));
  else if (!targetTypes.includes(type)) errors.push(notSupportedField(`${at}.type`, type, targetTypes));
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalidField(`${at}.averageUtilization`, averageUtilization, "must be greater than 0"));
  }
  if (value !== undefined && !isPositive(value)) {
    errors.push(invalidField(`${at}.value`, value, "must be positive"));
  }
  if (averageValue !== undefined && !isPositive(averageValue)) {
    errors.push(invalidField(`${at}.averageValue`, averageValue, "must be positive"));
  }
}

function validateValue(target: V2MetricTarget, path: string, isObject: boolean, errors: FieldError[]): void {
  const { value, averageValue } = target;
  if (value === undefined && averageValue === undefined) {
    const detail = isObject
      ? "must set either a target value or averageValue"
      : "must set either a target value for metric or a per-pod target";
    errors.push(requiredField(`${path}.target.averageValue`, detail));
  }
  if (value !== undefined && averageValue !== undefined && !isObject) {
    const detail = "may not set both a target value for metric and a per-pod target";
    errors.push(forbiddenField(`${path}.target.value`, detail));
  }
}

function validateShare(target: V2MetricTarget, path: string, errors: FieldError[]): void {
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined) {
    errors.push(requiredField(`${path}.target.averageUtilization`, noneSet));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    errors.push(forbiddenField(`${path}.target.averageValue`, bothSet));
  }
}
