import { defineReview } from "../define-review.ts";
import type { ResourceDefinition } from "../resource-definition.ts";

const group = "authorization.k8s.io";

/** Questions about rights (kubernetes `pkg/registry/authorization`). */
export const authorizationDefinitions: readonly ResourceDefinition[] = [
  defineReview(group, "LocalSubjectAccessReview", { namespaced: true }),
  defineReview(group, "SelfSubjectAccessReview"),
  defineReview(group, "SelfSubjectRulesReview"),
  defineReview(group, "SubjectAccessReview"),
];
