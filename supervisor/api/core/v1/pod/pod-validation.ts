/** Validation of Pods and of the templates they are made from, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, forbiddenField, requiredField } from "../../../../apimachinery/field-error.ts";
import type { ObjectMeta } from "../../../../apimachinery/object-meta.ts";
import { validateAnnotations, validateLabels } from "../../../../apimachinery/validation/object-meta.ts";
import type { V1PodSpec, V1PodTemplateSpec } from "../../../generated/types.ts";
import { validateImageText } from "./containers-validation.ts";
import { mirrorAnnotation, validatePodAnnotations } from "./pod-annotations-validation.ts";
import { validatePodSpec } from "./pod-spec-validation.ts";
import { validateAppArmorMatch, validateProfilesMatch } from "./profile-annotations-validation.ts";

export interface ValidatedPod {
  readonly metadata: ObjectMeta;
  readonly spec?: V1PodSpec;
}

/** What holds for a Pod at all times. */
export function validatePod({ metadata, spec }: ValidatedPod): FieldError[] {
  const errors: FieldError[] = [];
  if (spec === undefined) return [requiredField("spec.containers")];
  validatePodAnnotations(metadata.annotations, spec, "metadata.annotations", errors);
  validatePodSpec(spec, metadata.name ?? "", "spec", errors);
  if (spec.resourceClaims?.length && metadata.annotations?.[mirrorAnnotation] !== undefined) {
    errors.push(forbiddenField("", "static pods do not support resource claims"));
  }
  if (!spec.serviceAccountName) refuseTokens(spec, errors);
  for (const field of ["containers", "initContainers"] as const) {
    spec[field]?.forEach((container, index) => {
      validateImageText(container, `spec.${field}[${index}]`, errors);
    });
  }
  return errors;
}

/** Without an account there are no tokens. */
function refuseTokens(spec: V1PodSpec, errors: FieldError[]): void {
  spec.volumes?.forEach(({ projected }, index) => {
    projected?.sources?.forEach(({ serviceAccountToken }, position) => {
      if (serviceAccountToken === undefined) return;
      const field = `spec.volumes[${index}].projected.sources[${position}].serviceAccountToken`;
      errors.push(forbiddenField(field, "must not be specified when serviceAccountName is not set"));
    });
  });
}

/** What holds for a new Pod. */
export function validateNewPod(pod: ValidatedPod): FieldError[] {
  const errors = validatePod(pod);
  const { spec, metadata } = pod;
  if (spec === undefined) return errors;
  if (spec.ephemeralContainers?.length) {
    errors.push(forbiddenField("spec.ephemeralContainers", "cannot be set on create"));
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const detail = "cannot be set until all schedulingGates have been cleared";
    errors.push(forbiddenField("spec.nodeName", detail));
  }
  validateProfilesMatch(metadata.annotations, spec, "spec", errors);
  validateAppArmorMatch(metadata.annotations, spec, "spec", errors);
  return errors;
}

export function validatePodTemplate(
  template: V1PodTemplateSpec | undefined,
  path: string,
  errors: FieldError[],
): void {
  const { metadata = {}, spec = { containers: [] } } = template ?? {};
  validateLabels(metadata.labels, `${path}.labels`, errors);
  validateAnnotations(metadata.annotations, `${path}.annotations`, errors);
  validatePodAnnotations(metadata.annotations, spec, `${path}.annotations`, errors);
  validatePodSpec(spec, undefined, `${path}.spec`, errors);
  validateProfilesMatch(metadata.annotations, spec, `${path}.spec`, errors);
  validateAppArmorMatch(metadata.annotations, spec, `${path}.spec`, errors);
  if (spec.ephemeralContainers?.length) {
    const detail = "ephemeral containers not allowed in pod template";
    errors.push(forbiddenField(`${path}.spec.ephemeralContainers`, detail));
  }
}
