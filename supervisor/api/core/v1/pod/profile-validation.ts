/** Validation of seccomp and AppArmor profiles, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
  tooLongField,
} from "../../../../apimachinery/field-error.ts";
import type { V1AppArmorProfile, V1SeccompProfile } from "../../../generated/types.ts";
import { validateDescendingPath } from "../path-validation.ts";

const profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];
const maxPathBytes = 4095;

export function validateSeccomp(
  profile: V1SeccompProfile | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  if (!type) errors.push(requiredField(`${path}.type`, "type is required when seccompProfile is set"));
  else if (!profileTypes.includes(type)) errors.push(notSupportedField(`${path}.type`, type, profileTypes));
  const field = `${path}.localhostProfile`;
  if (type === "Localhost") {
    if (localhostProfile === undefined) {
      errors.push(requiredField(field, "must be set when seccomp type is Localhost"));
    } else validateDescendingPath(localhostProfile, field, errors);
  } else if (localhostProfile !== undefined) {
    errors.push(invalidField(field, profile, "can only be set when seccomp type is Localhost"));
  }
}

export function validateAppArmor(
  profile: V1AppArmorProfile | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  const field = `${path}.localhostProfile`;
  if (type === "Localhost") validateLocalProfile(localhostProfile, field, errors);
  else if (!type) errors.push(requiredField(`${path}.type`, "type is required when appArmorProfile is set"));
  else if (!profileTypes.includes(type)) errors.push(notSupportedField(`${path}.type`, type, profileTypes));
  else if (localhostProfile !== undefined) {
    errors.push(invalidField(field, localhostProfile, "can only be set when AppArmor type is Localhost"));
  }
}

function validateLocalProfile(name: string | undefined, field: string, errors: FieldError[]): void {
  if (!name) {
    errors.push(requiredField(field, "must be set when AppArmor type is Localhost"));
    return;
  }
  if (name.trim() !== name) errors.push(invalidField(field, name, "must not be padded with whitespace"));
  if (Buffer.byteLength(name) > maxPathBytes) errors.push(tooLongField(field, maxPathBytes));
}
