import { defineReview } from "../../define-review.ts";

/** Bindings, which give a Pod its node and are never stored (kubernetes `pkg/registry/core/pod/storage`). */
export const bindingDefinition = defineReview("", "Binding", { namespaced: true });
