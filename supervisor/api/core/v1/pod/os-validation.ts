/** What a Pod may ask of its operating system, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import type { V1PodSpec } from "../../../generated/types.ts";
import { eachContainer } from "./each-container.ts";

const systems = ["linux", "windows"];
const refusal = "cannot be set for a windows pod";
const linuxRefusal = "windows options cannot be set for a linux pod";

const specFields = ["hostUsers", "hostPID", "hostIPC", "shareProcessNamespace"] as const;
const podContextFields = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "fsGroup",
  "fsGroupChangePolicy",
  "sysctls",
  "runAsUser",
  "runAsGroup",
  "supplementalGroups",
  "supplementalGroupsPolicy",
  "seLinuxChangePolicy",
] as const;
const contextFields = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
] as const;

export function validateOs(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  if (spec.os === undefined) return;
  const { name } = spec.os;
  if (!name) errors.push(requiredField(`${path}.os.name`));
  else if (!systems.includes(name)) errors.push(notSupportedField(`${path}.os`, name, systems));
  else if (name === "linux") validateLinux(spec, path, errors);
  else validateWindows(spec, path, errors);
}

function validateLinux(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  if (spec.securityContext?.windowsOptions) {
    errors.push(forbiddenField(`${path}.securityContext.windowsOptions`, linuxRefusal));
  }
  eachContainer(spec, path, ({ securityContext }, at) => {
    if (securityContext?.windowsOptions) {
      errors.push(forbiddenField(`${at}.securityContext.windowsOptions`, linuxRefusal));
    }
  });
}

function validateWindows(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  for (const field of specFields) {
    const isSet = field === "hostPID" || field === "hostIPC" ? spec[field] : spec[field] !== undefined;
    if (isSet) errors.push(forbiddenField(`${path}.${field}`, refusal));
  }
  for (const field of podContextFields) {
    if (spec.securityContext?.[field] !== undefined) {
      errors.push(forbiddenField(`${path}.securityContext.${field}`, refusal));
    }
  }
  eachContainer(spec, path, ({ securityContext }, at) => {
    for (const field of contextFields) {
      if (securityContext?.[field] !== undefined) {
        errors.push(forbiddenField(`${at}.securityContext.${field}`, refusal));
      }
    }
  });
}
