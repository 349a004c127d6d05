/** Validation of what containers see of volumes, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notFoundField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import type { V1VolumeDevice, V1VolumeMount } from "../../../generated/types.ts";
import { validateDescendingPath } from "../path-validation.ts";
import type { VolumesByName } from "../volume/volume-validation.ts";

const propagations = ["Bidirectional", "HostToContainer", "None"];
const recursiveReadOnly = ["Disabled", "Enabled", "IfPossible"];

interface Mounting {
  readonly volumeMounts?: readonly V1VolumeMount[];
  readonly volumeDevices?: readonly V1VolumeDevice[];
  readonly securityContext?: { readonly privileged?: boolean };
}

export function validateMounts(
  container: Mounting,
  volumes: VolumesByName,
  path: string,
  errors: FieldError[],
): void {
  const { volumeMounts: mounts, volumeDevices: devices } = container;
  if (mounts !== undefined) validateVolumeMounts(container, mounts, volumes, `${path}.volumeMounts`, errors);
  if (devices !== undefined) {
    validateDevices(devices, mounts ?? [], volumes, `${path}.volumeDevices`, errors);
  }
}

function validateVolumeMounts(
  { securityContext, volumeDevices = [] }: Mounting,
  mounts: readonly V1VolumeMount[],
  volumes: VolumesByName,
  path: string,
  errors: FieldError[],
): void {
  const paths = new Set<string>();
  mounts.forEach((mount, index) => {
    const at = `${path}[${index}]`;
    const { name, mountPath } = mount;
    if (!name) errors.push(requiredField(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFoundField(`${at}.name`, name));
    if (!mountPath) errors.push(requiredField(`${at}.mountPath`));
    if (paths.has(mountPath)) errors.push(invalidField(`${at}.mountPath`, mountPath, "must be unique"));
    paths.add(mountPath);
    if (volumeDevices.some((device) => device.name === name)) {
      errors.push(invalidField(`${at}.name`, name, "must not already exist in volumeDevices"));
    }
    if (volumeDevices.some((device) => device.devicePath === mountPath)) {
      const detail = "must not already exist as a path in volumeDevices";
      errors.push(invalidField(`${at}.mountPath`, mountPath, detail));
    }
    validateSubPaths(mount, path, at, errors);
    validatePropagation(mount, securityContext?.privileged ?? false, path, errors);
    validateRecursiveReadOnly(mount, path, errors);
  });
}

/** `list` is the path of all mounts: upstream names these fields without the mount's index. */
function validateSubPaths(mount: V1VolumeMount, list: string, at: string, errors: FieldError[]): void {
  const { subPath, subPathExpr } = mount;
  if (subPath) validateDescendingPath(subPath, `${list}.subPath`, errors);
  if (!subPathExpr) return;
  if (subPath) {
    const detail = "subPathExpr and subPath are mutually exclusive";
    errors.push(invalidField(`${at}.subPathExpr`, subPathExpr, detail));
  }
  validateDescendingPath(subPathExpr, `${list}.subPathExpr`, errors);
}

function validatePropagation(
  { mountPropagation: given }: V1VolumeMount,
  isPrivileged: boolean,
  list: string,
  errors: FieldError[],
): void {
  if (given === undefined) return;
  const path = `${list}.mountPropagation`;
  if (!propagations.includes(given)) errors.push(notSupportedField(path, given, propagations));
  if (given === "Bidirectional" && !isPrivileged) {
    const detail = "Bidirectional mount propagation is available only to privileged containers";
    errors.push(forbiddenField(path, detail));
  }
}

function validateRecursiveReadOnly(mount: V1VolumeMount, list: string, errors: FieldError[]): void {
  const { recursiveReadOnly: given, readOnly, mountPropagation } = mount;
  if (given === undefined || given === "Disabled") return;
  const path = `${list}.recursiveReadOnly`;
  if (!recursiveReadOnly.includes(given)) {
    errors.push(notSupportedField(path, given, recursiveReadOnly));
    return;
  }
  if (!readOnly) errors.push(forbiddenField(path, "may only be specified when readOnly is true"));
  if (mountPropagation !== undefined && mountPropagation !== "None") {
    const detail = "may only be specified when mountPropagation is None or not specified";
    errors.push(forbiddenField(path, detail));
  }
}

function validateDevices(
  devices: readonly V1VolumeDevice[],
  mounts: readonly V1VolumeMount[],
  volumes: VolumesByName,
  path: string,
  errors: FieldError[],
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  devices.forEach(({ name, devicePath }, index) => {
    const at = `${path}[${index}]`;
    const volume = volumes.get(name);
    if (!name) errors.push(requiredField(`${at}.name`));
    if (names.has(name)) errors.push(invalidField(`${at}.name`, name, "must be unique"));
    if (volume === undefined) errors.push(notFoundField(`${at}.name`, name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
      errors.push(invalidField(`${at}.name`, name, detail));
    }
    if (!devicePath) errors.push(requiredField(`${at}.devicePath`));
    if (paths.has(devicePath)) errors.push(invalidField(`${at}.devicePath`, devicePath, "must be unique"));
    if (devicePath.split("/").includes("..")) {
      errors.push(invalidField(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    } else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(invalidField(`${at}.name`, name, "must not already exist in volumeMounts"));
    }
    if (mounts.some((mount) => mount.mountPath === devicePath)) {
      const detail = "must not already exist as a path in volumeMounts";
      errors.push(invalidField(`${at}.devicePath`, devicePath, detail));
    }
    if (name) names.add(name);
  });
}
