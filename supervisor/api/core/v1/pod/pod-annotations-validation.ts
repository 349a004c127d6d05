/** Annotations of Pods that mean something, with the texts of kubernetes `ValidatePodSpecificAnnotations`. */
import { type FieldError, forbiddenField, invalidField } from "../../../../apimachinery/field-error.ts";
import type { V1PodSpec, V1SeccompProfile } from "../../../generated/types.ts";
import { validateDescendingPath } from "../path-validation.ts";
import { eachContainer } from "./each-container.ts";

type Annotations = Readonly<Record<string, string>>;

export const mirrorAnnotation = "kubernetes.io/config.mirror";
const deletionCost = "controller.kubernetes.io/pod-deletion-cost";
const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";
const seccompPod = "seccomp.security.alpha.kubernetes.io/pod";
const seccompPrefix = "container.seccomp.security.alpha.kubernetes.io/";
const localhostPrefix = "localhost/";
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

/** An annotation and a field that say the same thing must agree. */
export function validateProfilesMatch(
  annotations: Annotations | undefined,
  spec: V1PodSpec,
  path: string,
  errors: FieldError[],
): void {
  if (annotations === undefined) return;
  const ofPod = spec.securityContext?.seccompProfile;
  matchSeccomp(annotations[seccompPod], ofPod, `${path}.securityContext.seccompProfile`, errors);
  eachContainer(spec, path, ({ name, securityContext }, at) => {
    const field = `${at}.securityContext.seccompProfile`;
    matchSeccomp(annotations[seccompPrefix + name], securityContext?.seccompProfile, field, errors);
  });
}

function matchSeccomp(
  annotation: string | undefined,
  profile: V1SeccompProfile | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (annotation === undefined || profile === undefined) return;
  const { type, localhostProfile } = profile;
  const agrees =
    type === "Unconfined"
      ? annotation === "unconfined"
      : type === "RuntimeDefault"
        ? annotation === "runtime/default" || annotation === "docker/default"
        : annotation.startsWith(localhostPrefix);
  if (!agrees) {
    errors.push(forbiddenField(`${path}.type`, "seccomp type in annotation and field must match"));
  } else if (type === "Localhost" && annotation.slice(localhostPrefix.length) !== localhostProfile) {
    const detail = "seccomp profile in annotation and field must match";
    errors.push(forbiddenField(`${path}.localhostProfile`, detail));
  }
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
