import { type FieldError, forbiddenField } from "../../../../apimachinery/field-error.ts";
import { equalJson } from "../../../../apimachinery/json/json-value.ts";
import { mirrorAnnotation } from "./pod-annotations-validation.ts";
import { type ValidatedPod, validatePod } from "./pod-validation.ts";

/** Containers that look into a Pod may come, never change or go (kubernetes `ValidatePodEphemeralContainersUpdate`). */
export function validateEphemeralContainersUpdate(pod: ValidatedPod, old: ValidatedPod): FieldError[] {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return [forbiddenField("", "static pods do not support ephemeral containers")];
  }
  const errors = validatePod(pod);
  const containers = new Map((pod.spec?.ephemeralContainers ?? []).map((one) => [one.name, one]));
  for (const before of old.spec?.ephemeralContainers ?? []) {
    const now = containers.get(before.name);
    const name = `existing ephemeral containers ${JSON.stringify(before.name)}`;
    if (now === undefined) {
      errors.push(forbiddenField("spec.ephemeralContainers", `${name} may not be removed\n`));
    } else if (!equalJson(now, before)) {
      errors.push(forbiddenField("spec.ephemeralContainers", `${name} may not be changed\n`));
    }
  }
  return errors;
}
