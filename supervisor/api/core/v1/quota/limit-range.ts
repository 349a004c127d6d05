/** Defaults and validation of LimitRanges (kubernetes `pkg/apis/core`). */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import type { Mutable } from "../../../../apimachinery/mutable.ts";
import { parseQuantity, quantityMillis } from "../../../../apimachinery/quantity.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkQualifiedName } from "../../../../apimachinery/validation/formats.ts";
import type { V1LimitRange, V1LimitRangeItem } from "../../../generated/types.ts";

type LimitRange = Pick<V1LimitRange, "spec">;
type Item = Mutable<V1LimitRangeItem>;

const containerResources: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);
const one = parseQuantity("1");

/** A container's limit is by default the greatest, its request its limit or else the least. */
export function setLimitRangeDefaults({ spec }: { spec?: { limits?: Item[] } }): void {
  for (const item of spec?.limits ?? []) {
    if (item.type !== "Container") continue;
    item.default = { ...item.max, ...item.default };
    item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest };
    if (Object.keys(item.default).length === 0) delete item.default;
    if (Object.keys(item.defaultRequest).length === 0) delete item.defaultRequest;
  }
}

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const errors: FieldError[] = [];
  const limits = spec?.limits ?? [];
  limits.forEach((item, index) => {
    const path = `spec.limits[${index}]`;
    checkFormat(errors, `${path}.type`, item.type, checkQualifiedName);
    if (checkQualifiedName(item.type).length === 0) checkType(item.type, `${path}.type`, errors);
    if (limits.findIndex(({ type }) => type === item.type) < index) {
      errors.push(duplicateField(`${path}.type`, item.type));
    }
    validateItem(item, path, errors);
  });
  return errors;
}

const types: ReadonlySet<string> = new Set(["Pod", "Container", "PersistentVolumeClaim"]);

function checkType(type: string, field: string, errors: FieldError[]): void {
  if (type.includes("/") || types.has(type)) return;
  errors.push(invalidField(field, type, "must be a standard limit type or fully qualified"));
}

const amountFields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

function validateItem(item: V1LimitRangeItem, path: string, errors: FieldError[]): void {
  const names = new Set<string>();
  for (const field of amountFields) {
    const amounts = item[field] ?? {};
    if (item.type === "Pod" && (field === "default" || field === "defaultRequest")) {
      if (Object.keys(amounts).length === 0) continue;
      errors.push(forbiddenField(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const name of Object.keys(amounts)) {
      checkResourceName(item.type, name, `${path}.${field}[${name}]`, errors);
      names.add(name);
    }
  }
  if (item.type === "PersistentVolumeClaim" && !item.min?.storage && !item.max?.storage) {
    const detail = "either minimum or maximum storage value is required, but neither was provided";
    errors.push(requiredField(`${path}.limits`, detail));
  }
  for (const name of names) validateAmounts(item, name, path, errors);
}

function checkResourceName(type: string, name: string, field: string, errors: FieldError[]): void {
  if (checkFormat(errors, field, name, checkQualifiedName).length > 0 || name.includes("/")) return;
  const isKnown =
    type === "PersistentVolumeClaim"
      ? name === "storage"
      : containerResources.has(name) || name.startsWith("hugepages-");
  if (isKnown) return;
  const detail =
    type === "Pod" || type === "Container"
      ? "must be a standard limit type or fully qualified"
      : "must be a standard resource type or fully qualified";
  errors.push(invalidField(field, name, detail));
}

function validateAmounts(item: V1LimitRangeItem, name: string, path: string, errors: FieldError[]): void {
  const isPod = item.type === "Pod";
  const [min, max] = [item.min?.[name], item.max?.[name]];
  const fallback = isPod ? undefined : item.default?.[name];
  const request = isPod ? undefined : item.defaultRequest?.[name];
  const above = (left: string | undefined, right: string | undefined) =>
    left !== undefined && right !== undefined && parseQuantity(left) > parseQuantity(right);
  const complain = (field: string, value: string | undefined, detail: string) =>
    void errors.push(invalidField(`${path}.${field}[${name}]`, value, detail));
  if (above(min, max)) complain("min", min, `min value ${min} is greater than max value ${max}`);
  if (above(min, request)) {
    complain("defaultRequest", request, `min value ${min} is greater than default request value ${request}`);
  }
  if (above(request, max)) {
    complain("defaultRequest", request, `default request value ${request} is greater than max value ${max}`);
  }
  if (above(request, fallback)) {
    const detail = `default request value ${request} is greater than default limit value ${fallback}`;
    complain("defaultRequest", request, detail);
  }
  if (above(min, fallback)) {
    complain("default", min, `min value ${min} is greater than default value ${fallback}`);
  }
  if (above(fallback, max)) {
    complain("default", max, `default value ${fallback} is greater than max value ${max}`);
  }
  validateRatio(item.maxLimitRequestRatio?.[name], min, max, (value, detail) =>
    complain("maxLimitRequestRatio", value, detail),
  );
  const mustMatch = name.startsWith("hugepages-") || (name.includes("/") && !name.includes("kubernetes.io/"));
  if (!mustMatch || fallback === undefined || request === undefined) return;
  if (parseQuantity(fallback) === parseQuantity(request)) return;
  const detail = `default value ${fallback} must equal to defaultRequest value ${request} in ${name}`;
  complain("defaultRequest", request, detail);
}

function validateRatio(
  ratio: string | undefined,
  min: string | undefined,
  max: string | undefined,
  complain: (value: string, detail: string) => void,
): void {
  if (ratio === undefined) return;
  if (parseQuantity(ratio) < one) complain(ratio, `ratio ${ratio} is less than 1`);
  if (min === undefined || max === undefined) return;
  const most = quantityMillis(max) / quantityMillis(min);
  if (quantityMillis(ratio) / 1000 <= most) return;
  complain(ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`);
}
