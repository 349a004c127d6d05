/** Annotations of Pods that mean something, with the texts of kubernetes `ValidatePodSpecificAnnotations`. */
import { type FieldError, forbiddenField, invalidField } from "../../../../apimachinery/field-error.ts";
import type { V1PodSpec } from "../../../generated/types.ts";
import { validateDescendingPath } from "../path-validation.ts";
import { eachContainer } from "./each-container.ts";

type Annotations = Readonly<Record<string, string>>;

export const mirrorAnnotation = "kubernetes.io/config.mirror";
const deletionCost = "controller.kubernetes.io/pod-deletion-cost";
export const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";
export const seccompPod = "seccomp.security.alpha.kubernetes.io/pod";
export const seccompPrefix = "container.seccomp.security.alpha.kubernetes.io/";
export const localhostPrefix = "localhost/";
const seccompNames: ReadonlySet<string> = new Set(["runtime/default", "docker/default", "unconfined"]);
const appArmorNames: ReadonlySet<string> = new Set(["", "runtime/default", "unconfined"]);
const int32Pattern = /^(?:0|-?[1-9]\d*)$/;

export function validatePodAnnotations(
  annotations: Annotations | undefined,
  spec: V1PodSpec,
  path: string,
  errors: FieldError[],
): void {
  for (const key in annotations) {
    const value = annotations[key] ?? "";
    if (key === mirrorAnnotation && !spec.nodeName) {
      const detail = "must set spec.nodeName if mirror pod annotation is set";
      errors.push(invalidField(`${path}[${key}]`, value, detail));
    } else if (key === deletionCost) validateDeletionCost(value, `${path}[${key}]`, errors);
    else if (key === seccompPod || key.startsWith(seccompPrefix)) {
      validateSeccompName(value, `${path}.${key}`, errors);
    } else if (key.startsWith(appArmorPrefix)) validateAppArmorName(key, value, spec, path, errors);
  }
}

function validateDeletionCost(value: string, field: string, errors: FieldError[]): void {
  const cost = Number(value);
  if (int32Pattern.test(value) && cost >= -(2 ** 31) && cost < 2 ** 31) return;
  errors.push(invalidField(field, value, "must be a 32bit integer"));
}

function validateSeccompName(value: string, field: string, errors: FieldError[]): void {
  if (seccompNames.has(value)) return;
  if (value.startsWith(localhostPrefix)) {
    validateDescendingPath(value.slice(localhostPrefix.length), field, errors);
  } else errors.push(invalidField(field, value, "must be a valid seccomp profile"));
}

function validateAppArmorName(
  key: string,
  value: string,
  spec: V1PodSpec,
  path: string,
  errors: FieldError[],
): void {
  const name = key.slice(appArmorPrefix.length);
  let found = false;
  eachContainer(spec, "", (container) => {
    found ||= container.name === name;
  });
  if (!found) errors.push(invalidField(`${path}[${key}]`, name, "container not found"));
  if (appArmorNames.has(value) || value.startsWith(localhostPrefix)) return;
  const detail = `invalid AppArmor profile name: ${JSON.stringify(value)}`;
  errors.push(invalidField(`${path}[${key}]`, value, detail));
}

/** Annotations that say what a Pod is from its beginning on. */
export function validatePodAnnotationsUpdate(
  annotations: Annotations = {},
  old: Annotations = {},
  errors: FieldError[],
): void {
  if (annotations === old) return;
  for (const key of new Set([...Object.keys(old), ...Object.keys(annotations)])) {
    if (annotations[key] === old[key]) continue;
    const what = key.startsWith(appArmorPrefix)
      ? "AppArmor annotations"
      : key === mirrorAnnotation
        ? "mirror pod annotation"
        : undefined;
    if (what === undefined) continue;
    const verb = old[key] === undefined ? "may not add" : "may not remove or update";
    errors.push(forbiddenField(`metadata.annotations[${key}]`, `${verb} ${what}`));
  }
}
