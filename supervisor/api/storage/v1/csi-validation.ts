/** Defaults and validation of CSI's kinds (kubernetes `pkg/apis/storage`). */
import {
  duplicateField,
  type FieldError,
  immutableField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import { checkFormat, checkOneOf } from "../../../apimachinery/validation/field-checks.ts";
import {
  checkDnsSubdomain,
  checkQualifiedName,
  nonNegativeMessage,
} from "../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import type {
  StorageV1TokenRequest,
  V1CSIDriver,
  V1CSIDriverSpec,
  V1CSINode,
  V1CSINodeDriver,
  V1CSIStorageCapacity,
} from "../../generated/types.ts";

const fsGroupPolicies = ["File", "None", "ReadWriteOnceWithFSType"];
const lifecycleModes = ["Persistent", "Ephemeral"];
const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;
const minUpdateSeconds = 10;
const maxNodeIdLength = 256;

export function setCsiDriverDefaults(spec: Mutable<V1CSIDriverSpec>): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ["Persistent"];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

type Driver = Pick<V1CSIDriver, "spec">;

export function validateCsiDriver({ spec }: Driver): FieldError[] {
  const errors: FieldError[] = [];
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [] } = spec ?? {};
  if (fsGroupPolicy !== undefined) checkOneOf(errors, "spec.fsGroupPolicy", fsGroupPolicy, fsGroupPolicies);
  validateTokenRequests(tokenRequests, errors);
  for (const mode of volumeLifecycleModes) {
    if (!lifecycleModes.includes(mode)) {
      errors.push(notSupportedField("spec.volumeLifecycleModes", mode, lifecycleModes));
    }
  }
  const inSecrets = spec?.serviceAccountTokenInSecrets;
  if (inSecrets !== undefined && tokenRequests.length === 0) {
    const detail = "may only be set when tokenRequests is not empty";
    errors.push(invalidField("spec.serviceAccountTokenInSecrets", inSecrets, detail));
  }
  const period = spec?.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < minUpdateSeconds) {
    const detail = "must be greater than or equal to 10 seconds";
    errors.push(invalidField("spec.nodeAllocatableUpdatePeriodSeconds", period, detail));
  }
  return errors;
}

function validateTokenRequests(requests: readonly StorageV1TokenRequest[], errors: FieldError[]): void {
  requests.forEach(({ audience, expirationSeconds }, index) => {
    const path = `spec.tokenRequests[${index}]`;
    if (requests.findIndex((other) => other.audience === audience) < index) {
      errors.push(duplicateField(`${path}.audience`, audience));
      return;
    }
    if (expirationSeconds === undefined) return;
    const place = `${path}.expirationSeconds`;
    if (expirationSeconds < minTokenSeconds) {
      errors.push(invalidField(place, expirationSeconds, "may not specify a duration less than 10 minutes"));
    }
    if (expirationSeconds > maxTokenSeconds) {
      const detail = "may not specify a duration larger than 2^32 seconds";
      errors.push(invalidField(place, expirationSeconds, detail));
    }
  });
}

export function validateCsiDriverUpdate(driver: Driver, old: Driver): FieldError[] {
  const errors = validateCsiDriver(driver);
  const { attachRequired, volumeLifecycleModes } = driver.spec;
  if (attachRequired !== old.spec.attachRequired) {
    errors.push(immutableField("spec.attachedRequired", attachRequired));
  }
  if (!equalJson(volumeLifecycleModes, old.spec.volumeLifecycleModes)) {
    errors.push(immutableField("spec.volumeLifecycleModes", volumeLifecycleModes));
  }
  return errors;
}

type Node = Pick<V1CSINode, "spec">;

export function validateCsiNode({ spec }: Node): FieldError[] {
  const errors: FieldError[] = [];
  const drivers = spec?.drivers ?? [];
  drivers.forEach((driver, index) => {
    const path = `spec.drivers[${index}]`;
    validateNodeDriver(driver, path, errors);
    if (drivers.findIndex(({ name }) => name === driver.name) < index) {
      errors.push(duplicateField(`${path}.name`, driver.name));
    }
  });
  return errors;
}

function validateNodeDriver(driver: V1CSINodeDriver, path: string, errors: FieldError[]): void {
  const { name, nodeID, allocatable } = driver;
  const topologyKeys = driver.topologyKeys ?? [];
  validateDriverName(name, `${path}.name`, errors);
  if (!nodeID) errors.push(requiredField(`${path}.nodeID`));
  if ((nodeID ?? "").length > maxNodeIdLength) {
    errors.push(invalidField(`${path}.nodeID`, nodeID, `must be ${maxNodeIdLength} characters or less`));
  }
  const count = allocatable?.count ?? 0;
  if (count < 0) errors.push(invalidField(`${path}.allocatable.count`, count, nonNegativeMessage));
  topologyKeys.forEach((key, index) => {
    if (key === "") errors.push(requiredField(path));
    if (topologyKeys.indexOf(key) < index) errors.push(duplicateField(path, key));
    checkFormat(errors, path, key, checkQualifiedName);
  });
}

/** A CSI driver's name (core validation, `ValidateCSIDriverName`). */
export function validateDriverName(name: string, field: string, errors: FieldError[]): void {
  if (!name) return void errors.push(requiredField(field));
  if (name.length > 63) {
    errors.push({
      type: "FieldValueTooLong",
      field,
      body: "Too long: may not be more than 63 bytes",
    });
  }
  for (const message of checkDnsSubdomain(name.toLowerCase())) {
    errors.push(invalidField(field, name, message));
  }
}

export function validateCsiNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors = validateCsiNode(node);
  for (const before of old.spec?.drivers ?? []) {
    const driver = (node.spec?.drivers ?? []).find(({ name }) => name === before.name);
    if (driver === undefined) continue;
    const { allocatable: _now, ...now } = driver;
    const { allocatable: _then, ...then } = before;
    if (!equalJson(now, then)) errors.push(immutableField("spec.drivers", driver));
  }
  return errors;
}

type Capacity = Pick<
  V1CSIStorageCapacity,
  "capacity" | "maximumVolumeSize" | "nodeTopology" | "storageClassName"
>;

export function validateStorageCapacity(object: Capacity): FieldError[] {
  const errors: FieldError[] = [];
  const { capacity, nodeTopology, storageClassName } = object;
  validateLabelSelector(nodeTopology, "nodeTopology", errors);
  checkFormat(errors, "storageClassName", storageClassName, checkDnsSubdomain);
  if (capacity !== undefined && parseQuantity(capacity) < 0n) {
    errors.push(invalidField("capacity", capacity, nonNegativeMessage));
  }
  return errors;
}

export function validateStorageCapacityUpdate(object: Capacity, old: Capacity): FieldError[] {
  // As upstream, the capacity itself is looked at once only.
  const errors: FieldError[] = [];
  for (const field of ["nodeTopology", "storageClassName"] as const) {
    if (!equalJson(object[field], old[field])) errors.push(immutableField(field, object[field]));
  }
  return errors;
}
