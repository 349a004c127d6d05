/** Profiles said both in annotations and in fields, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, forbiddenField } from "../../../../apimachinery/field-error.ts";
import type { V1PodSpec } from "../../../generated/types.ts";
import { eachContainer } from "./each-container.ts";
import { appArmorPrefix, localhostPrefix, seccompPod, seccompPrefix } from "./pod-annotations-validation.ts";

type Annotations = Readonly<Record<string, string>>;

interface Profile {
  readonly type: string;
  readonly localhostProfile?: string;
}

/** How annotations name a profile of each type; localhost's by prefix. */
const annotatedTypes: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  seccomp: { Unconfined: ["unconfined"], RuntimeDefault: ["runtime/default", "docker/default"] },
  apparmor: { Unconfined: ["unconfined"], RuntimeDefault: ["runtime/default"] },
};

/** An annotation and a field that say the same thing must agree. */
export function validateProfilesMatch(
  annotations: Annotations | undefined,
  spec: V1PodSpec,
  path: string,
  errors: FieldError[],
): void {
  if (annotations === undefined) return;
  const { seccompProfile } = spec.securityContext ?? {};
  validateMatch(
    "seccomp",
    annotations[seccompPod],
    seccompProfile,
    `${path}.securityContext.seccompProfile`,
    errors,
  );
  eachContainer(spec, path, ({ name, securityContext }, at) => {
    const annotation = annotations[seccompPrefix + name];
    const field = `${at}.securityContext.seccompProfile`;
    validateMatch("seccomp", annotation, securityContext?.seccompProfile, field, errors);
  });
}

/** The same for AppArmor, which new Pods are asked for, where a Pod's own profile is its containers' too. */
export function validateAppArmorMatch(
  annotations: Annotations | undefined,
  spec: V1PodSpec,
  path: string,
  errors: FieldError[],
): void {
  if (annotations === undefined || spec.os?.name === "windows") return;
  eachContainer(spec, path, ({ name, securityContext }, at) => {
    const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const field = `${at}.securityContext.appArmorProfile`;
    validateMatch("apparmor", annotations[appArmorPrefix + name], profile, field, errors);
  });
}

function validateMatch(
  kind: string,
  annotation: string | undefined,
  profile: Profile | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (annotation === undefined || profile === undefined) return;
  const { type, localhostProfile } = profile;
  const agrees =
    type === "Localhost"
      ? annotation.startsWith(localhostPrefix)
      : (annotatedTypes[kind]?.[type]?.includes(annotation) ?? true);
  if (!agrees) {
    errors.push(forbiddenField(`${path}.type`, `${kind} type in annotation and field must match`));
  } else if (type === "Localhost" && annotation.slice(localhostPrefix.length) !== localhostProfile) {
    const detail = `${kind} profile in annotation and field must match`;
    errors.push(forbiddenField(`${path}.localhostProfile`, detail));
  }
}
