/** The rules of HorizontalPodAutoscalers (kubernetes `pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go`). */
import {
  horizontalPodAutoscalerToV1,
  horizontalPodAutoscalerToV2,
} from "../../../api/autoscaling/v1/horizontal-pod-autoscaler-conversion.ts";
import { setHorizontalPodAutoscalerDefaults } from "../../../api/autoscaling/v2/horizontal-pod-autoscaler-defaults.ts";
import {
  validateHorizontalPodAutoscaler,
  validateHorizontalPodAutoscalerStatus,
} from "../../../api/autoscaling/v2/horizontal-pod-autoscaler-validation.ts";
import type { V2HorizontalPodAutoscaler } from "../../../api/generated/types.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import type { ResourceStrategy, Strategy, Typed } from "../../resource-definition.ts";
import { keepField } from "../../workload-strategy.ts";

type Autoscaler = Typed<V2HorizontalPodAutoscaler>;

export const autoscalerStrategy: ResourceStrategy = {
  checkName: checkDnsSubdomain,
  allowUnconditionalUpdate: true,
  allowCreateOnUpdate: false,
  returnsDeletedObject: false,
  setDefaults: (autoscaler: Autoscaler) => setHorizontalPodAutoscalerDefaults(autoscaler),
  prepareForCreate(autoscaler: Autoscaler) {
    autoscaler.status = { desiredReplicas: 0 };
  },
  validate: (autoscaler: Autoscaler) => validateHorizontalPodAutoscaler(autoscaler),
  prepareForUpdate: (autoscaler, old) => keepField(autoscaler, old, "status"),
  validateUpdate: (autoscaler: Autoscaler) => validateHorizontalPodAutoscaler(autoscaler),
};

export const autoscalerStatusStrategy: Strategy = {
  prepareForUpdate: (autoscaler, old) => keepField(autoscaler, old, "spec"),
  validateUpdate: (autoscaler: Autoscaler) => validateHorizontalPodAutoscalerStatus(autoscaler),
};

/** Changes an object of v1 as a rule for v2 does. */
function throughV2(object: ApiObject, rule: (object: ApiObject) => void): void {
  const converted = horizontalPodAutoscalerToV2(object);
  rule(converted);
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, horizontalPodAutoscalerToV1(converted));
}

/** The same rules for objects of v1. */
export function asV1<T extends Strategy>(strategy: T): T {
  const { setDefaults, prepareForCreate, prepareForUpdate, validate, validateUpdate } = strategy;
  const toV2 = horizontalPodAutoscalerToV2;
  return {
    ...strategy,
    ...(setDefaults && { setDefaults: (object: ApiObject) => throughV2(object, setDefaults) }),
    ...(prepareForCreate && {
      prepareForCreate: (object, context) => throughV2(object, (v2) => prepareForCreate(v2, context)),
    }),
    ...(prepareForUpdate && {
      prepareForUpdate: (object, old, context) =>
        throughV2(object, (v2) => prepareForUpdate(v2, toV2(old), context)),
    }),
    ...(validate && { validate: (object: ApiObject) => validate(toV2(object)) }),
    ...(validateUpdate && {
      validateUpdate: (object: ApiObject, old: ApiObject) => validateUpdate(toV2(object), toV2(old)),
    }),
  };
}
