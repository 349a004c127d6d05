/** Validation of requests and limits, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notFoundField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { isWholeQuantity, parseQuantity } from "../../../../apimachinery/quantity.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import {
  checkDnsLabel,
  checkQualifiedName,
  nonNegativeMessage,
} from "../../../../apimachinery/validation/formats.ts";
import type { CoreV1ResourceClaim, V1ResourceRequirements } from "../../../generated/types.ts";
import {
  hugePageSize,
  isExtendedResource,
  isHugePages,
  isNativeResource,
  isOvercommitAllowed,
  isPodLevelResource,
  isStandardContainerResource,
} from "../resource-names.ts";

const noClaims: ReadonlySet<string> = new Set();

type NameCheck = (name: string, field: string, errors: FieldError[]) => void;

function checkContainerResource(name: string, field: string, errors: FieldError[]): void {
  if (isStandardContainerResource(name)) return;
  if (checkFormat(errors, field, name, checkQualifiedName).length > 0) return;
  if (!name.includes("/")) {
    errors.push(invalidField(field, name, "must be a standard resource for containers"));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalidField(field, name, "doesn't follow extended resource name standard"));
  }
}

function checkPodResource(name: string, field: string, errors: FieldError[]): void {
  if (isPodLevelResource(name)) return;
  if (checkFormat(errors, field, name, checkQualifiedName).length > 0) return;
  errors.push(notSupportedField(field, name, ["cpu", "hugepages-", "memory"]));
}

/** `claims` are the names of the Pod's resource claims. */
export function validateContainerResources(
  resources: V1ResourceRequirements | undefined,
  claims: ReadonlySet<string>,
  path: string,
  errors: FieldError[],
): void {
  if (resources !== undefined) validateResources(resources, checkContainerResource, claims, path, errors);
}

export function validatePodLevelResources(
  resources: V1ResourceRequirements,
  path: string,
  errors: FieldError[],
): void {
  if (resources.claims !== undefined) {
    errors.push(forbiddenField(`${path}.claims`, "claims may not be set for Resources at pod-level"));
  }
  validateResources(resources, checkPodResource, noClaims, path, errors);
}

function validateResources(
  { limits, requests, claims }: V1ResourceRequirements,
  checkName: NameCheck,
  podClaims: ReadonlySet<string>,
  path: string,
  errors: FieldError[],
): void {
  const names: string[] = [];
  for (const name in limits) {
    names.push(name);
    validateAmount(name, limits[name] ?? "0", checkName, `${path}.limits`, errors);
  }
  for (const name in requests) {
    names.push(name);
    const request = requests[name] ?? "0";
    validateAmount(name, request, checkName, `${path}.requests`, errors);
    validateAgainstLimit(name, request, limits?.[name], path, errors);
  }
  if (names.some(isHugePages) && !names.includes("cpu") && !names.includes("memory")) {
    errors.push(forbiddenField(path, "HugePages require cpu or memory"));
  }
  if (claims !== undefined) validateClaimNames(claims, podClaims, `${path}.claims`, errors);
}

function validateAgainstLimit(
  name: string,
  request: string,
  limit: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (limit === request) return;
  if (limit === undefined) {
    if (isOvercommitAllowed(name)) return;
    errors.push(requiredField(`${path}.limits`, "Limit must be set for non overcommitable resources"));
  } else if (!isOvercommitAllowed(name)) {
    errors.push(invalidField(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`));
  } else if (parseQuantity(request) > parseQuantity(limit)) {
    const detail = `must be less than or equal to ${name} limit of ${limit}`;
    errors.push(invalidField(`${path}.requests`, request, detail));
  }
}

function validateAmount(
  name: string,
  quantity: string,
  checkName: NameCheck,
  path: string,
  errors: FieldError[],
): void {
  const field = `${path}[${name}]`;
  checkName(name, field, errors);
  if (quantity.startsWith("-")) errors.push(invalidField(field, quantity, nonNegativeMessage));
  if (isHugePages(name)) validateHugePages(name, quantity, field, errors);
  else if (isExtendedResource(name) && !isWholeQuantity(quantity)) {
    errors.push(invalidField(field, quantity, "must be an integer"));
  }
}

function validateHugePages(name: string, quantity: string, field: string, errors: FieldError[]): void {
  const page = pageNanos(name);
  const amount = parseQuantity(quantity);
  if (page !== undefined && amount > 0n && amount % page === 0n) return;
  const detail = `${quantity} is not positive integer multiple of ${name}`;
  errors.push(invalidField(field, quantity, detail));
}

function pageNanos(name: string): bigint | undefined {
  try {
    const size = parseQuantity(hugePageSize(name));
    return size > 0n ? size : undefined;
  } catch {
    return undefined;
  }
}

function validateClaimNames(
  claims: readonly CoreV1ResourceClaim[],
  podClaims: ReadonlySet<string>,
  path: string,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  claims.forEach(({ name, request }, index) => {
    const at = `${path}[${index}]`;
    if (!name) {
      errors.push(requiredField(at));
      return;
    }
    if (request) checkFormat(errors, `${at}.request`, request, checkDnsLabel);
    const key = request ? `${name}/${request}` : name;
    const overlaps = !request && Array.from(seen).some((other) => other.startsWith(`${name}/`));
    if (seen.has(name)) errors.push(duplicateField(at, name));
    else if (seen.has(key) || overlaps) errors.push(duplicateField(at, key));
    seen.add(key);
    if (podClaims.has(name)) return;
    const names = Array.from(podClaims).sort().join(", ");
    const detail = `must be one of the names in pod.spec.resourceClaims${names === "" ? " which is empty" : `: ${names}`}`;
    const { body, ...error } = notFoundField(at, name);
    errors.push({ ...error, body: `${body}: ${detail}` });
  });
}
