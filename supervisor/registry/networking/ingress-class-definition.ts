import type { V1IngressClass } from "../../api/generated/types.ts";
import {
  validateIngressClass,
  validateIngressClassUpdate,
} from "../../api/networking/v1/ingress-class-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { countedGeneration } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type IngressClass = Typed<V1IngressClass>;

/** IngressClasses (kubernetes `pkg/registry/networking/ingressclass`). */
export const ingressClassDefinition: ResourceDefinition = defineResource({
  group: "networking.k8s.io",
  resource: "ingressclasses",
  kind: "IngressClass",
  namespaced: false,
  strategy: {
    ...countedGeneration(),
    setDefaults({ spec }: IngressClass) {
      if (spec?.parameters !== undefined) spec.parameters.scope ??= "Cluster";
    },
    validate: (ingressClass: IngressClass) => validateIngressClass(ingressClass),
    validateUpdate: (ingressClass: IngressClass, old: IngressClass) =>
      validateIngressClassUpdate(ingressClass, old),
  },
  table: tableOf(
    [
      column("Controller", "Controller that is responsible for handling this class"),
      column("Parameters", "A reference to a resource with additional parameters"),
      ageColumn,
    ],
    ({ spec }: V1IngressClass, age) => [spec?.controller ?? "", parametersText(spec?.parameters), age],
  ),
});

type Parameters = NonNullable<V1IngressClass["spec"]>["parameters"];

function parametersText(parameters: Parameters): string {
  if (parameters === undefined) return "<none>";
  const { apiGroup, kind, name } = parameters;
  return apiGroup ? `${kind}.${apiGroup}/${name}` : `${kind}/${name}`;
}
