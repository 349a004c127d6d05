/** Validation of requests and limits, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, invalidField, requiredField } from "../../../apimachinery/field-error.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import { checkQualifiedName, nonNegativeMessage } from "../../../apimachinery/validation/formats.ts";
import type { V1ResourceRequirements } from "../../generated/types.ts";

const standardResources: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);

export function validateResources(
  resources: V1ResourceRequirements | undefined,
  path: string,
  errors: FieldError[],
): void {
  const { limits = {}, requests = {} } = resources ?? {};
  for (const name of Object.keys(limits)) validateAmount(name, limits[name] ?? "0", `${path}.limits`, errors);
  for (const name of Object.keys(requests)) {
    const request = requests[name] ?? "0";
    validateAmount(name, request, `${path}.requests`, errors);
    const limit = limits[name];
    if (limit !== undefined && parseQuantity(request) > parseQuantity(limit)) {
      const detail = `must be less than or equal to ${name} limit of ${limit}`;
      errors.push(invalidField(`${path}.requests`, request, detail));
    }
    if (limit === undefined && name.startsWith("hugepages-")) {
      errors.push(requiredField(`${path}.limits`, "Limit must be set for non overcommitable resources"));
    }
  }
}

function validateAmount(name: string, quantity: string, path: string, errors: FieldError[]): void {
  const field = `${path}[${name}]`;
  for (const message of checkQualifiedName(name)) errors.push(invalidField(field, name, message));
  const isStandard = standardResources.has(name) || name.startsWith("hugepages-");
  if (!isStandard && !name.includes("/")) {
    errors.push(invalidField(field, name, "must be a standard resource for containers"));
  }
  const amount = parseQuantity(quantity);
  if (amount < 0n) errors.push(invalidField(field, quantity, nonNegativeMessage));
  if (!isStandard && amount % 1_000_000_000n !== 0n) {
    errors.push(invalidField(field, quantity, "must be an integer"));
  }
}
