/** Groups of the Kubernetes community may be extended by approved APIs only (apiextensions-apiserver `pkg/apihelpers`). */

import { type FieldError, invalidField, requiredField } from "../../../apimachinery/field-error.ts";
import type { ObjectMeta } from "../../../apimachinery/object-meta.ts";
import type { V1CustomResourceDefinition } from "../../generated/types.ts";

const annotation = "api-approved.kubernetes.io";
const path = `metadata.annotations[${annotation}]`;
const proposal = "see https://github.com/kubernetes/enhancements/pull/1111";

type Definition = Pick<V1CustomResourceDefinition, "spec"> & {
  readonly metadata: Pick<ObjectMeta, "annotations">;
};

export interface ApprovalState {
  readonly state: "Missing" | "Bypassed" | "Approved" | "Invalid";
  readonly reason: string;
}

export function isProtectedGroup(group: string): boolean {
  return /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);
}

export function approvalState({ metadata }: Pick<Definition, "metadata">): ApprovalState {
  const text = metadata.annotations?.[annotation] ?? "";
  const quoted = JSON.stringify(annotation);
  if (text === "") {
    return {
      state: "Missing",
      reason: `protected groups must have approval annotation ${quoted}, ${proposal}`,
    };
  }
  if (text.startsWith("unapproved"))
    return { state: "Bypassed", reason: `not approved: ${JSON.stringify(text)}` };
  if (URL.canParse(text) && new URL(text).host !== "")
    return { state: "Approved", reason: `approved in ${text}` };
  const reason = `protected groups must have approval annotation ${quoted} with either a URL or a reason starting with "unapproved", ${proposal}`;
  return { state: "Invalid", reason };
}

export function approvalErrors(definition: Definition, old: Definition | undefined): readonly FieldError[] {
  if (!isProtectedGroup(definition.spec.group)) return [];
  const { state, reason } = approvalState(definition);
  if (old !== undefined && approvalState(old).state === state) return [];
  if (state === "Missing") return [requiredField(path, reason)];
  if (state === "Invalid") return [invalidField(path, definition.metadata.annotations?.[annotation], reason)];
  return [];
}
