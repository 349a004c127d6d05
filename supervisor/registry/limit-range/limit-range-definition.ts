import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition } from "../resource-definition.ts";

/** LimitRanges (kubernetes `pkg/registry/core/limitrange`). */
export const limitRangeDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "limitranges",
  kind: "LimitRange",
  namespaced: true,
  shortNames: ["limits"],
  strategy: {
    allowCreateOnUpdate: true,
    prepareForCreate({ metadata }) {
      metadata.name ||= crypto.randomUUID();
    },
  },
});
