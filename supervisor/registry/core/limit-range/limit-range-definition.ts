import { setLimitRangeDefaults, validateLimitRange } from "../../../api/core/v1/quota/limit-range.ts";
import type { V1LimitRange } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { ResourceDefinition, Typed } from "../../resource-definition.ts";

type LimitRange = Typed<V1LimitRange>;

/** LimitRanges (kubernetes `pkg/registry/core/limitrange`). */
export const limitRangeDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "limitranges",
  kind: "LimitRange",
  namespaced: true,
  shortNames: ["limits"],
  strategy: {
    allowCreateOnUpdate: true,
    setDefaults: (range: LimitRange) => setLimitRangeDefaults(range),
    validate: (range: LimitRange) => validateLimitRange(range),
    validateUpdate: (range: LimitRange) => validateLimitRange(range),
    prepareForCreate({ metadata }) {
      metadata.name ||= crypto.randomUUID();
    },
  },
});
