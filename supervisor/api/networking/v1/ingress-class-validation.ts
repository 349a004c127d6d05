/** Validation of IngressClasses, with the texts of kubernetes `pkg/apis/networking/validation`. */
import {
  type FieldError,
  forbiddenField,
  immutableField,
  requiredField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import { checkDomainPrefixedPath } from "../../../apimachinery/validation/domain-prefixed-path.ts";
import { checkFormat, checkOneOf } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel } from "../../../apimachinery/validation/formats.ts";
import type { V1IngressClass, V1IngressClassParametersReference } from "../../generated/types.ts";
import { validateLocalReference } from "./ingress-validation.ts";

type IngressClass = Pick<V1IngressClass, "spec">;

const maxControllerLength = 250;

export function validateIngressClass({ spec = {} }: IngressClass): FieldError[] {
  const errors: FieldError[] = [];
  const { controller = "", parameters } = spec;
  if (controller.length > maxControllerLength) {
    errors.push(tooLongField("spec.controller", maxControllerLength));
  }
  checkDomainPrefixedPath(errors, "spec.controller", controller);
  if (parameters !== undefined) validateParameters(parameters, errors);
  return errors;
}

function validateParameters(parameters: V1IngressClassParametersReference, errors: FieldError[]): void {
  const path = "spec.parameters";
  validateLocalReference(parameters, path, errors);
  const { scope, namespace } = parameters;
  if (scope === undefined) return void errors.push(requiredField(`${path}.scope`));
  checkOneOf(errors, `${path}.scope`, scope, ["Cluster", "Namespace"]);
  const place = `${path}.namespace`;
  if (scope === "Namespace") {
    if (namespace === undefined) {
      errors.push(requiredField(place, "`parameters.scope` is set to 'Namespace'"));
    } else checkFormat(errors, place, namespace, checkDnsLabel);
  } else if (scope === "Cluster" && namespace !== undefined) {
    errors.push(forbiddenField(place, "`parameters.scope` is set to 'Cluster'"));
  }
}

export function validateIngressClassUpdate(ingressClass: IngressClass, old: IngressClass): FieldError[] {
  const errors: FieldError[] = [];
  const controller = ingressClass.spec?.controller;
  if (controller !== old.spec?.controller) errors.push(immutableField("spec.controller", controller));
  return [...errors, ...validateIngressClass(ingressClass)];
}
