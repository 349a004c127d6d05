import { defineReview } from "../define-review.ts";
import type { ResourceDefinition } from "../resource-definition.ts";

const group = "authentication.k8s.io";

/** Questions about who somebody is (kubernetes `pkg/registry/authentication`). */
export const authenticationDefinitions: readonly ResourceDefinition[] = [
  defineReview(group, "SelfSubjectReview"),
  defineReview(group, "TokenReview"),
];
