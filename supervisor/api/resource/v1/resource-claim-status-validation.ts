/** Validation of what was allocated to claims, with the texts of kubernetes `pkg/apis/resource/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  immutableField,
  invalidField,
  notSupportedField,
  requiredField,
  tooManyField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { ObjectMeta } from "../../../apimachinery/object-meta.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel } from "../../../apimachinery/validation/formats.ts";
import { validateNodeSelector } from "../../core/v1/node-selector-validation.ts";
import type {
  ResourceV1ResourceClaim,
  V1AllocationResult,
  V1ResourceClaimConsumerReference,
} from "../../generated/types.ts";
import { validateDriverName } from "../../storage/v1/csi-validation.ts";
import {
  validateBindingConditions,
  validateConfiguration,
  validatePoolName,
  validateToleration,
} from "./device-validation.ts";
import { requestNames, validateReference, validateReferences } from "./resource-claim-validation.ts";

type Claim = Pick<ResourceV1ResourceClaim, "spec" | "status"> & {
  readonly metadata: Pick<ObjectMeta, "deletionTimestamp">;
};

const path = "status";
const maxConsumers = 256;
const maxResults = 32;
const maxConfigurations = 64;
const sources = ["FromClaim", "FromClass"];

/** An allocation stays while there is one, and only what is allocated is in use. */
export function validateClaimStatus(claim: Claim, old: Claim): FieldError[] {
  const errors: FieldError[] = [];
  const { allocation, reservedFor = [] } = claim.status ?? {};
  const before = old.status ?? {};
  validateConsumers(reservedFor, errors);
  validateDevices(claim, errors);
  const isNew = ({ uid }: V1ResourceClaimConsumerReference) =>
    !(before.reservedFor ?? []).some((other) => other.uid === uid);
  if (reservedFor.length > 0 && allocation === undefined) {
    const detail = "may not be specified when `allocated` is not set";
    errors.push(forbiddenField(`${path}.reservedFor`, detail));
  } else if (claim.metadata.deletionTimestamp !== undefined && reservedFor.some(isNew)) {
    const detail =
      "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set";
    errors.push(forbiddenField(`${path}.reservedFor`, detail));
  }
  if (allocation === undefined) return errors;
  if (before.allocation === undefined) validateAllocation(allocation, claim, errors);
  else if (!equalJson(allocation, before.allocation)) {
    errors.push(immutableField(`${path}.allocation`, allocation));
  }
  return errors;
}

function validateConsumers(
  consumers: readonly V1ResourceClaimConsumerReference[],
  errors: FieldError[],
): void {
  const at = `${path}.reservedFor`;
  if (consumers.length > maxConsumers) {
    errors.push(tooManyField(at, consumers.length, maxConsumers));
    return;
  }
  consumers.forEach((consumer, index) => {
    for (const field of ["resource", "name", "uid"] as const) {
      if (!consumer[field]) errors.push(requiredField(`${at}[${index}].${field}`));
    }
  });
  consumers.forEach(({ uid }, index) => {
    if (consumers.findIndex((other) => other.uid === uid) < index) {
      errors.push(duplicateField(`${at}[${index}]`, uid));
    }
  });
}

interface DeviceName {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
}

function fullName({ driver, pool, device, shareID }: DeviceName): string {
  return [driver, pool, device, ...(shareID === undefined ? [] : [shareID])].join("/");
}

function validateName({ driver, pool, device }: DeviceName, at: string, errors: FieldError[]): void {
  validateDriverName(driver, `${at}.driver`, errors);
  validatePoolName(pool, `${at}.pool`, errors);
  checkFormat(errors, `${at}.device`, device, checkDnsLabel);
}

function validateDevices({ status }: Claim, errors: FieldError[]): void {
  const { devices = [], allocation } = status ?? {};
  const allocated = new Set((allocation?.devices?.results ?? []).map(fullName));
  devices.forEach((device, index) => {
    const at = `${path}.devices[${index}]`;
    validateName(device, at, errors);
    if (allocated.has(fullName(device))) return;
    errors.push(invalidField(at, fullName(device), "must be an allocated device in the claim"));
  });
}

function validateAllocation(allocation: V1AllocationResult, { spec }: Claim, errors: FieldError[]): void {
  const names = requestNames(spec?.devices ?? {});
  const { results = [], config = [] } = allocation.devices ?? {};
  const at = `${path}.allocation`;
  const resultsPath = `${at}.devices.results`;
  if (results.length > maxResults) errors.push(tooManyField(resultsPath, results.length, maxResults));
  else
    results.forEach((result, index) => {
      const place = `${resultsPath}[${index}]`;
      validateReference(result.request, names, `${place}.request`, errors);
      validateName(result, place, errors);
      validateBindingConditions(result, place, errors);
      (result.tolerations ?? []).forEach((toleration, number) => {
        validateToleration(toleration, `${place}.tolerations[${number}]`, errors);
      });
    });
  const configPath = `${at}.devices.config`;
  if (config.length > maxConfigurations) {
    errors.push(tooManyField(configPath, config.length, maxConfigurations));
  } else
    config.forEach((entry, index) => {
      const place = `${configPath}[${index}]`;
      if (!entry.source) errors.push(requiredField(`${place}.source`));
      else if (!sources.includes(entry.source)) {
        errors.push(notSupportedField(`${place}.source`, entry.source, sources));
      }
      validateReferences(entry.requests ?? [], names, `${place}.requests`, errors);
      validateConfiguration(entry, place, errors);
    });
  if (allocation.nodeSelector !== undefined) {
    validateNodeSelector(allocation.nodeSelector, `${at}.nodeSelector`, errors);
  }
}
